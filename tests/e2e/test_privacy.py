"""Planted names and card numbers: after extract, no object, message, log line or table contains them."""

from collections.abc import Iterator

import pytest

from cafe.deployed.environment import STAGES
from cafe.generate.samples import night
from cafe.warehouse.ledger import LedgerEntry
from e2e.pipeline import Pipeline
from e2e.planted import NAMES, card_numbers, planted_cases, planted_files
from personal_data import PersonalData

pytestmark = pytest.mark.e2e

# Also the people of the sample files, which other tests drop.
SAMPLED = [order for _, file in night() for order in file.orders]
EVERYONE = PersonalData(
    {*NAMES, *(order.customer for order in SAMPLED)},
    {*card_numbers(), *(order.card_number for order in SAMPLED if order.card_number)},
)


@pytest.fixture(scope="module")
def outcomes(pipeline: Pipeline) -> dict[str, LedgerEntry]:
    """The outcomes of the planted files, all dropped and completed."""
    outcomes = pipeline.drop(planted_files())
    pipeline.wait_until_idle()
    return outcomes


def test_the_planted_files_are_loaded_and_refused_as_expected(outcomes: dict[str, LedgerEntry]) -> None:
    refused = {key.removeprefix("planted/"): outcome.reason for key, outcome in outcomes.items() if outcome.reason}
    genuine = outcomes["planted/right-cells.csv"]
    rejects = {key for key, outcome in outcomes.items() if outcome.rows_rejected}

    assert refused == {
        "cut.csv.gz": "bad_gzip",
        "damaged.csv.gz": "bad_gzip",
        "no-gzip.csv.gz": "bad_gzip",
        "utf-16.csv": "not_utf8",
        "utf-16-without-mark.csv": "not_utf8",
        "cp1252.csv": "not_utf8",
        "sheet.xlsx": "unsupported_file",
        "no-branch-file.csv": "unknown_dialect",
        "header-like.csv": "unknown_dialect",
        "d10-rows.csv": "unknown_dialect",
        "d10.csv": "unknown_dialect",
        "one-line.csv": "unknown_dialect",
        "nul.csv": "no_row_accepted",
    }
    # Three rows for each person, and the good order.
    assert (genuine.rows_in, genuine.rows_rejected) == (31, 0)
    assert rejects >= {f"planted/{case}.csv" for case in planted_cases() if case != "right-cells"}


@pytest.mark.usefixtures("outcomes")
def test_F63_no_staged_object_holds_personal_data(pipeline: Pipeline) -> None:
    objects = {key: pipeline.staged_body(key) for key in pipeline.staged_keys()}

    assert {key.partition("/")[0] for key in objects} == {"extracted", "transformed", "rejects", "register"}
    assert EVERYONE.found_among(objects) == {}


def test_F63_no_message_holds_personal_data(pipeline: Pipeline) -> None:
    files = {key.replace("planted/", "planted again/"): body for key, body in planted_files().items()}
    peeked: dict[str, bytes] = {}

    # Reads the messages between stages while they wait. S3's messages contain only keys.
    with pipeline.paused("load"):
        with pipeline.paused("transform"):
            versions = [pipeline.put(key, body) for key, body in files.items()]
            pipeline.wait_for_messages("transform", len(files))
            peeked["extracted"] = "\n".join(pipeline.peek("transform/queue")).encode()
        pipeline.wait_for_messages("load", len(files))
        peeked["transformed"] = "\n".join(pipeline.peek("load/queue")).encode()
    pipeline.outcomes_of(versions)

    assert [messages.count(b"planted again/") for messages in peeked.values()] == [len(files)] * 2
    assert EVERYONE.found_among(peeked) == {}
    pipeline.wait_until_idle()


@pytest.mark.usefixtures("outcomes")
def test_F62_F63_no_log_line_holds_personal_data(pipeline: Pipeline) -> None:
    logs = {stage: "\n".join(pipeline.log_lines(stage)).encode() for stage in STAGES}
    logs |= {file.name: file.read_bytes() for file in pipeline.layout.logs.iterdir()}

    assert all(b"planted/right-cells.csv" in logs[stage] for stage in STAGES)
    assert {"emulator.log", "redshift.log", "postgres.log"} <= logs.keys()
    assert EVERYONE.found_among(logs) == {}


@pytest.mark.usefixtures("outcomes")
def test_F63_no_table_holds_personal_data(pipeline: Pipeline) -> None:
    tables = {table: contents(pipeline, table) for table in tables_of(pipeline)}

    assert {"core.branches", "core.products", "core.orders", "ops.files", "ops.file_parts", "ops.rejects"} <= set(
        tables
    )
    assert b"Planted B" in tables["core.branches"]
    assert EVERYONE.found_among(tables) == {}


def tables_of(pipeline: Pipeline) -> Iterator[str]:
    """Yield all tables of the warehouse, including those of later migrations."""
    rows = pipeline.rows(
        """
        select
            table_schema,
            table_name
        from information_schema.tables
        where table_schema not in ('information_schema', 'pg_catalog')
        """
    )
    return (f"{row['table_schema']}.{row['table_name']}" for row in rows)


def contents(pipeline: Pipeline, table: str) -> bytes:
    """Read a whole table."""
    rows = pipeline.rows(f"select * from {table}")  # noqa: S608  a name from the catalogue
    return "\n".join("\t".join(map(str, row.values())) for row in rows).encode()
