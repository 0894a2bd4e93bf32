"""What load does with a new session and after a migration, on a session that only records."""

import importlib.util
from collections.abc import Iterator, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import boto3
import pytest

from load.check_rules import Check
from load.marts import definition_of
from load.statements import check_names, mart_names, mart_revisions, migrations, statement
from load.warehouse import StatementFailed

ENVIRONMENT = dict.fromkeys(("STAGING_BUCKET", "WAREHOUSE_HOST", "WAREHOUSE_SECRET_ARN", "COPY_ROLE_ARN"), "x") | {
    "WAREHOUSE_PORT": "5439",
    "WAREHOUSE_DATABASE": "cafe",
    "MOST_REMOVED_PERCENT": "33",
    "ENVIRONMENT": "dev",
    "MORNING_TOPIC_ARN": "",
    "POWERTOOLS_SERVICE_NAME": "load",
    "POWERTOOLS_METRICS_NAMESPACE": "Cafe",
}
CONTEXT = SimpleNamespace(
    function_name="load", memory_limit_in_mb=1769, invoked_function_arn="arn", aws_request_id="request"
)


class FakeSession:
    """A migrated warehouse that has no row; ``refused`` is a statement that it refuses."""

    def __init__(self, refused: str = "") -> None:
        self.sent: list[str] = []
        self._refused = refused
        self._answers: dict[str, list[tuple[Any, ...]]] = {
            statement("schema/applied_migrations"): [(migration.version,) for migration in migrations()],
            statement("schema/marts"): list(mart_revisions().items()),
            statement("schema/isolation_level"): [("Serializable",)],
            statement("schema/mart_definitions"): [(name, definition_of("view")) for name in mart_names()],
            statement("schema/mart_views"): [(name, "view") for name in mart_names()],
            statement("checking/count_files"): [(0,)],
            statement("measures/files_held"): [(0,)],
        }

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        del values
        self.sent.append(sql)
        if sql == self._refused:
            raise StatementFailed("0A000", "no plan")
        return self._answers.get(sql, [])

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Load's handler, as Lambda imports it, without AWS."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "client", lambda *_, **__: MagicMock())
    found = importlib.util.find_spec("load.handler")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    yield module
    module.metrics.clear_metrics()


def use(handler: ModuleType, monkeypatch: pytest.MonkeyPatch, session: FakeSession) -> None:
    monkeypatch.setattr(handler.connection, "_connect", lambda: session)


def test_F48_a_new_session_first_ends_what_a_killed_function_left(handler: ModuleType) -> None:
    session = FakeSession()

    handler.prepare(session)

    assert session.sent[:2] == [statement("load/work_timeout"), statement("load/find_stale_holders")]
    assert statement("schema/isolation_level") in session.sent


def test_a_migration_runs_every_check_once_after_it(handler: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    use(handler, monkeypatch, session)

    answer = handler.lambda_handler({"migrate": True}, CONTEXT)

    assert answer == {
        "schema_version": migrations()[-1].version,
        "restored": [],
        "faults": dict.fromkeys(sorted(Check), 0),
        "samples": {},
        "isolation": "Serializable",
    }
    assert statement("checking/record_run") in session.sent
    assert {statement(f"checks/{name}") for name in check_names()} <= set(session.sent)


def test_an_approval_of_a_file_that_is_not_held_answers_nothing(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = FakeSession()
    use(handler, monkeypatch, session)

    assert handler.lambda_handler({"approve": {"file_id": "0" * 32}}, CONTEXT) == {"approved": []}
    assert statement("measures/files_held") in session.sent


def test_a_renaming_answers_how_many_cafes_it_changed(handler: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeSession()
    use(handler, monkeypatch, session)

    assert handler.lambda_handler({"rename": {"written_as": "Leeds", "name": "Leeds Station"}}, CONTEXT) == {
        "renamed": 0
    }
    assert statement("cafes/rename") in session.sent


def test_a_check_that_cannot_run_does_not_fail_the_migration(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(handler, monkeypatch, FakeSession(refused=statement("checks/orders_unique")))

    answer = handler.lambda_handler({"migrate": True}, CONTEXT)

    assert (answer["schema_version"], answer["faults"]) == (migrations()[-1].version, None)


def test_a_run_that_cannot_be_recorded_does_not_fail_the_check(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(handler, monkeypatch, FakeSession(refused=statement("checking/record_run")))

    answer = handler.lambda_handler({"migrate": True}, CONTEXT)

    assert answer["faults"] == dict.fromkeys(sorted(Check), 0)


def test_an_isolation_level_that_may_not_be_read_stops_nothing(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(handler, monkeypatch, FakeSession(refused=statement("schema/isolation_level")))

    assert handler.lambda_handler({"migrate": True}, CONTEXT)["isolation"] == "unknown"
