"""Every command of the operations page is run on the deployed stack, in the trouble that its section describes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from cafe.dashboards.boards import FOLDER, read_boards
from cafe.local import keys
from cafe.local.emulator import client_environment
from cafe.local.layout import checkout
from e2e.branch_files import large_file, small_file
from e2e.command_line import CAFE, cafe
from e2e.pipeline import Pipeline, wait_until
from integration.cli.fake_grafana import PASSWORD, FakeGrafana, handler_of, serving
from shared.contracts import file_id_of
from unit.docs.runbooks import RunbookCommand, runbook_commands, runbook_sections

pytestmark = pytest.mark.e2e

COMMANDS = list(runbook_commands())
RUN_HERE = [command for command in COMMANDS if not command.is_aws_only]
SECTIONS = list(dict.fromkeys(command.section for command in RUN_HERE))
# In the trouble of their section, these commands must end with exit code 1. Elsewhere the page only allows it.
UNHEALTHY = {
    ("Dead letters", "cafe redrive --dry-run"),
    ("Dead letters", "cafe trace FILE"),
    ("Terminal failures", "cafe status"),
    ("Old messages", "cafe trace FILE"),
    ("Held files", "cafe status"),
    ("Held files", "cafe trace FILE"),
}

PROGRAMS = {"cafe": CAFE, "aws": Path(sys.executable).with_name("aws")}

type Trouble = Callable[[Pipeline, str], AbstractContextManager[None]]


@contextmanager
def a_loaded_file(pipeline: Pipeline, key: str) -> Iterator[None]:
    """No trouble: the test's file is loaded."""
    pipeline.drop({key: small_file(key).body})
    yield


@contextmanager
def a_failed_file(pipeline: Pipeline, key: str) -> Iterator[None]:
    """Somebody deletes a file's staged orders before they are loaded. Sending the file again must load it."""
    with pipeline.paused("load"):
        version = pipeline.put(key, large_file(key).body)
        pipeline.wait_for_messages("load", 1)
        file_id = file_id_of(pipeline.fact("drop/bucket/name"), version.key, version.version_id)
        (orders,) = [staged for staged in pipeline.staged_keys() if file_id in staged and "/orders" in staged]
        pipeline.client("s3").delete_object(Bucket=pipeline.fact("staging/bucket/name"), Key=orders)
    pipeline.retry_until(lambda: pipeline.recorded([version]), "the failure in the ledger")
    assert pipeline.recorded([version])[version].outcome == "failed"
    yield
    wait_until(lambda: pipeline.recorded([version])[version].outcome == "loaded", "the file that was sent again")


@contextmanager
def a_terminal_failure(pipeline: Pipeline, key: str) -> Iterator[None]:
    """A failed file. Its message may be a dead letter before the file is sent again."""
    with a_failed_file(pipeline, key):
        yield
    assert cafe("redrive", "load").exit_code == 0


@contextmanager
def a_dead_letter(pipeline: Pipeline, key: str) -> Iterator[None]:
    """A failed file that nobody notices until its message is a dead letter."""
    with a_failed_file(pipeline, key):
        pipeline.retry_until(lambda: pipeline.messages("load/deadletters"), "the dead letter")
        yield
    assert pipeline.messages("load/deadletters") == 0


@contextmanager
def a_file_with_bad_rows(pipeline: Pipeline, key: str) -> Iterator[None]:
    """A spreadsheet changed the times of some rows."""
    body = small_file(key, orders=4).body
    outcomes = pipeline.drop({key: body + body[: len(body) // 2].replace(b"25/08/2021", b"yesterday")})
    assert outcomes[key].rows_rejected > 0
    yield


@contextmanager
def a_held_file(pipeline: Pipeline, key: str) -> Iterator[None]:
    """A correction takes away most of a file's orders. Approving it must load it."""
    pipeline.drop({key: small_file(key, orders=20).body})
    version = pipeline.put(key, small_file(key).body)
    assert [outcome.outcome for outcome in pipeline.versions_of([version]).values()] == ["held"]
    yield
    assert pipeline.recorded([version])[version].outcome == "loaded"


@contextmanager
def a_file_that_waits(pipeline: Pipeline, key: str) -> Iterator[None]:
    """Somebody turned off the event source of extract."""
    with pipeline.paused("extract"):
        version = pipeline.put(key, small_file(key).body)
        pipeline.wait_for_messages("extract", 1)
        yield
    pipeline.versions_of([version])


@contextmanager
def a_lost_event(pipeline: Pipeline, key: str) -> Iterator[None]:
    """A file arrived and its event is lost. The ledger has no row of it, as after a restored snapshot."""
    with pipeline.paused("extract"):
        version = pipeline.put(key, small_file(key).body)
        pipeline.wait_for_messages("extract", 1)
        pipeline.client("sqs").purge_queue(QueueUrl=pipeline.fact("extract/queue/url"))
    assert pipeline.recorded([version]) == {}
    yield
    pipeline.versions_of([version])


TROUBLES: dict[str, Trouble] = {
    "Dead letters": a_dead_letter,
    "Terminal failures": a_terminal_failure,
    "Old messages": a_file_that_waits,
    "Rejected rows": a_file_with_bad_rows,
    "Held files": a_held_file,
    "A rule was fixed": a_file_with_bad_rows,
    "The warehouse was restored from a snapshot": a_lost_event,
}


@pytest.fixture(autouse=True)
def nothing_on_the_way(pipeline: Pipeline) -> Iterator[None]:
    """Queues are empty before and after each test."""
    pipeline.wait_until_idle()
    yield
    pipeline.wait_until_idle()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A history to backfill: two days of a café that no other test uses."""
    for day in (24, 25):
        file = tmp_path / "history" / "2021" / "8" / f"{day}" / "backfilled.csv"
        file.parent.mkdir(parents=True)
        file.write_bytes(small_file("Backfilled").body.replace(b"25/08/2021", f"{day}/08/2021".encode()))
    return tmp_path / "history"


@pytest.fixture
def facts(pipeline: Pipeline) -> Iterator[dict[str, str]]:
    """Values for the page's placeholders, as its commands print them. The Grafana is a fake."""
    function = pipeline.fact("load/function/name")
    [source] = pipeline.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    boards = {board.uid: dict(board.json) for board in read_boards(checkout().root / FOLDER)}
    with serving(handler_of(FakeGrafana(boards, polls=0))) as url:
        yield {
            "ENV": "dev",
            "FUNCTION": function,
            "UUID": source["UUID"],
            "INSTANCE": pipeline.fact("dashboards/host/instance"),
            "QUEUE": pipeline.fact("schedules/deadletters/url"),
            "http://localhost:3000": url,
        }


def type_in(command: RunbookCommand, values: dict[str, str], pipeline: Pipeline) -> subprocess.CompletedProcess[str]:
    """Run a command as the page has it, and answer yes if it asks."""
    program, *words = command.words(values)
    environment = {**os.environ, "GRAFANA_PASSWORD": PASSWORD}
    if program == "aws":
        environment |= client_environment(pipeline.stack.endpoint_url, keys.read(pipeline.layout))
        if words[0] == "sqs":
            # For SQS, version 1 of the AWS CLI does not read the endpoint from its environment.
            words += ["--endpoint-url", pipeline.stack.endpoint_url]
    return subprocess.run(
        [PROGRAMS[program], *words],
        capture_output=True,
        check=False,
        env=environment,
        input="y\n",
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_every_command_of_a_section_ends_with_an_exit_code_that_the_page_allows(
    pipeline: Pipeline, folder: Path, facts: dict[str, str], section: str
) -> None:
    key = f"runbooks/{section.lower().replace(' ', '-')}.csv"
    values = facts | {"KEY": key, "FILE": key, "RULE": "bad_timestamp", "FOLDER": str(folder)}
    # The café of the test's file has the name of its key.
    values |= {"NAME": "Runbook Street", "OLD": key, "NEW": f"{key} renamed"}

    with TROUBLES.get(section, a_loaded_file)(pipeline, key):
        for command in [command for command in RUN_HERE if command.section == section]:
            run = type_in(command, values, pipeline)

            report = f"{command.text} ended with {run.returncode}:\n{run.stdout}\n{run.stderr}"
            assert run.returncode in command.exit_codes, report
            assert "Traceback" not in run.stderr, report
            if (section, command.text) in UNHEALTHY:
                assert run.returncode == 1, report


def test_no_section_with_commands_is_left_out() -> None:
    assert {command.section for command in COMMANDS} == set(SECTIONS) | {"Operations"}
    assert set(TROUBLES) <= set(runbook_sections())
    assert {(command.section, command.text) for command in RUN_HERE} >= UNHEALTHY
    # Each command is run here or is marked as needing AWS. tests/unit/docs/test_runbooks.py lists those.
    assert len(RUN_HERE) + sum(command.is_aws_only for command in COMMANDS) == len(COMMANDS)
