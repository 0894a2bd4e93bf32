"""Load is right under both isolation levels, and where no time-out of statements ends a LOCK that waits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest
import redshift_connector
from aws_lambda_powertools import Metrics

from cafe.local.postgres import PostgresServer
from fixtures.warehouse import COPY_ROLE, MemoryObjects, Warehouse, new_warehouse
from integration.load.conftest import Loader
from load.checks import run_checks
from load.connection import Connection
from load.delivery import load_messages
from load.loader import Loader as LoaderWithRetries
from load.mutex import terminate_stale_holders
from load.schema import isolation_level, migrate
from load.stage import create_stage_tables
from load.statements import statement
from load.warehouse import RedshiftSession, Session
from local_redshift.server import RedshiftEndpoint
from local_redshift.session import SERIALIZABLE, SNAPSHOT
from local_redshift.wire.upstream import PostgresAddress
from shared.contracts import encode
from shared.observability import stage_logger

LATTE = b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
SOCKET_SECONDS = 1
SENT_ONCE = {"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "1"}

NewWarehouse = Callable[..., Warehouse]


@pytest.fixture(autouse=True)
def namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics by sender take their namespace from the function's environment."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Cafe")


@pytest.fixture
def warehouse_of(postgres_server: PostgresServer, warehouse_objects: MemoryObjects) -> Iterator[NewWarehouse]:
    """A function that makes a warehouse behind an endpoint with these options."""
    server = postgres_server
    address = PostgresAddress(server.host, server.port, server.superuser, server.password)
    with ExitStack() as stack:

        def make(**options: Any) -> Warehouse:
            endpoint = stack.enter_context(RedshiftEndpoint(address, warehouse_objects, roles=[COPY_ROLE], **options))
            return stack.enter_context(new_warehouse(endpoint, warehouse_objects))

        yield make


@pytest.mark.parametrize(
    ("isolation", "level"), [(SNAPSHOT, "Snapshot Isolation"), (SERIALIZABLE, "Serializable")], ids=lambda value: value
)
def test_a_file_that_two_loaders_get_at_once_counts_once_under_both_levels(
    warehouse_of: NewWarehouse, isolation: str, level: str
) -> None:
    warehouse = warehouse_of(isolation=isolation)
    first, second = new_loader(warehouse), new_loader(warehouse)
    parts = first.stage(LATTE)
    first.session.execute(statement("load/lock"))
    completed: list[int] = []
    thread = threading.Thread(target=lambda: completed.append(len(second.load(parts))))
    thread.start()

    completed.append(len(first.load(parts)))
    thread.join()

    assert isolation_level(first.session, warehouse.database) == level
    assert sorted(completed) == [0, 1]
    assert (first.count("core.orders"), first.count("ops.files")) == (1, 1)
    assert not any(check.faults for check in run_checks(first.session))


def test_a_level_that_the_warehouse_does_not_show_is_unknown(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())

    assert isolation_level(session, "another database") == "unknown"


def new_loader(warehouse: Warehouse) -> Loader:
    session = RedshiftSession(warehouse.connect())
    migrate(session)
    create_stage_tables(session)
    return Loader(warehouse, session)


# --- a LOCK that no time-out of statements ends


@contextmanager
def impatient(warehouse: Warehouse, loader: Loader, *, stale_after_seconds: float) -> Iterator[LoaderWithRetries]:
    """A function's loader whose socket waits for a second."""

    def open_session() -> RedshiftSession:
        driver = redshift_connector.connect(
            host=warehouse.host, port=warehouse.port, database=warehouse.database, user=warehouse.user,
            password=warehouse.password, ssl=False, timeout=SOCKET_SECONDS,
        )  # fmt: skip
        session = RedshiftSession(driver)
        session.execute("set statement_timeout to 100")
        session.commit()
        return session

    def prepare(session: Session) -> None:
        terminate_stale_holders(session, stale_after_seconds)
        create_stage_tables(session)

    connection = Connection(open_session, prepare)
    yield LoaderWithRetries(connection, loader.options, pause=lambda _: None)
    if connection._session is not None:
        connection._session.close()


class Context:
    """An invocation with little time left, so that nothing is tried again."""

    aws_request_id = "request"
    function_name = "load"

    def __init__(self) -> None:
        self.get_remaining_time_in_millis = partial(int, 1)


def deliver(loader: LoaderWithRetries, parts: list[Any]) -> dict[str, Any]:
    """Deliver messages to load."""
    records = [
        {"messageId": str(number), "body": encode(part), "attributes": SENT_ONCE} for number, part in enumerate(parts)
    ]
    metrics = Metrics(namespace="Cafe", service="load")
    return load_messages(records, Context(), loader, stage_logger(), metrics)  # type: ignore[arg-type]


# The driver leaves a socket whose time is up to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_wait_for_the_lock_that_only_the_socket_ends_leaves_the_batch_to_the_queue_and_the_next_one_loads(
    warehouse_of: NewWarehouse,
) -> None:
    warehouse = warehouse_of(limits_lock_waits=False)
    loader, holder = new_loader(warehouse), RedshiftSession(warehouse.connect())
    parts = loader.stage(LATTE)
    holder.execute(statement("load/lock"))
    started = time.monotonic()

    with impatient(warehouse, loader, stale_after_seconds=3600) as waiting:
        answer = deliver(waiting, parts)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert time.monotonic() - started >= SOCKET_SECONDS
    assert (loader.count("ops.files"), loader.count("ops.file_parts")) == (0, 0)
    # Later the holder is older than any function: the next session ends it before it waits.
    with impatient(warehouse, loader, stale_after_seconds=-1) as next_one:
        assert deliver(next_one, parts) == {"batchItemFailures": []}
    assert loader.count("ops.files") == 1
