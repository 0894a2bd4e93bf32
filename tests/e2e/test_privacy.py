"""Planted names, numbers and addresses: after extract, nothing that the stack writes contains them, in any encoding."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cafe.deployed.environment import STAGES
from cafe.deployed.load_function import invoke_load
from cafe.generate.samples import night
from cafe.local.postgres import PostgresServer, programs_folder
from cafe.warehouse.ledger import LedgerEntry
from e2e.command_line import cafe
from e2e.pipeline import Pipeline
from e2e.planted import FOLDER, KEYS, NAMES, WITHOUT_REJECTS, numbers, planted_cases, planted_files
from personal_data import ENCODINGS, PersonalData
from shared.senders import HEAD_OFFICE_PREFIX

pytestmark = pytest.mark.e2e

# Also the people of the sample files, which other tests drop.
SAMPLED = [order for _, file in night() for order in file.orders]
EVERYONE = PersonalData(
    {*NAMES, *(order.customer for order in SAMPLED)},
    {*numbers(), *(order.card_number for order in SAMPLED if order.card_number)},
)


@pytest.fixture(scope="module")
def outcomes(pipeline: Pipeline) -> dict[str, LedgerEntry]:
    """The outcomes of the planted files, all dropped and completed."""
    outcomes = pipeline.drop(planted_files())
    pipeline.wait_until_idle()
    return outcomes


def test_the_planted_files_are_loaded_and_refused_as_expected(outcomes: dict[str, LedgerEntry]) -> None:
    refused = {key.removeprefix(f"{FOLDER}/"): outcome.reason for key, outcome in outcomes.items() if outcome.reason}
    genuine = outcomes[f"{FOLDER}/right-cells.csv"]
    rejects = {key for key, outcome in outcomes.items() if outcome.rows_rejected}

    assert refused == {
        "cut.csv.gz": "bad_gzip",
        "damaged.csv.gz": "bad_gzip",
        "no-gzip.csv.gz": "bad_gzip",
        "utf-16-without-mark.csv": "not_utf8",
        "sheet.xlsx": "unsupported_file",
        "no-branch-file.csv": "unknown_dialect",
        "header-like.csv": "unknown_dialect",
        "one-line.csv": "unknown_dialect",
        "nul.csv": "no_row_accepted",
        **dict.fromkeys(KEYS.values(), "personal_key"),
    }
    # Three rows for each person, and the good order.
    assert (genuine.rows_in, genuine.rows_rejected) == (31, 0)
    assert rejects >= {f"{FOLDER}/{case}.csv" for case in planted_cases() - WITHOUT_REJECTS}


@pytest.mark.usefixtures("outcomes")
def test_F63_no_staged_object_holds_personal_data(pipeline: Pipeline) -> None:
    objects = {key: pipeline.staged_body(key) for key in pipeline.staged_keys()}
    keys = "\n".join(objects).encode()

    assert {key.partition("/")[0] for key in objects} >= {"extracted", "transformed", "rejects", "register"}
    assert EVERYONE.found_among(objects | {"keys": keys}) == {}


@pytest.mark.usefixtures("outcomes")
def test_no_morning_mail_holds_personal_data(pipeline: Pipeline) -> None:
    written = invoke_load(pipeline.environment, "report", {"options": ""})

    assert "rejected" in written["text"], "the mail says nothing of the planted files"
    assert EVERYONE.found_among({"mail": json.dumps(written, ensure_ascii=False).encode()}) == {}


def test_F63_no_message_holds_personal_data(pipeline: Pipeline) -> None:
    files = {key.replace("planted/", "planted again/"): body for key, body in planted_files().items()}
    peeked: dict[str, bytes] = {}

    # Reads the messages between stages while they wait. A dead letter is such a message, unchanged. S3's own messages
    # to extract hold the keys as branches chose them, and nothing else of a file.
    with pipeline.paused("load"):
        with pipeline.paused("transform"):
            versions = [pipeline.put(key, body) for key, body in files.items()]
            pipeline.wait_for_messages("transform", len(files))
            peeked["extracted"] = "\n".join(pipeline.peek("transform/queue")).encode()
        pipeline.wait_for_messages("load", len(files))
        peeked["transformed"] = "\n".join(pipeline.peek("load/queue")).encode()
        letters = {stage: "\n".join(pipeline.peek(f"{stage}/deadletters")).encode() for stage in STAGES}
    pipeline.outcomes_of(versions)

    assert [messages.count(b"planted again/") for messages in peeked.values()] == [len(files)] * 2
    assert EVERYONE.found_among(peeked | letters) == {}
    pipeline.wait_until_idle()


@pytest.mark.usefixtures("outcomes")
def test_F62_F63_no_log_line_holds_personal_data(pipeline: Pipeline) -> None:
    logs = log_groups(pipeline)
    # The emulator's own log holds the requests to it, with the keys, as S3's access log would.
    logs |= {file.name: file.read_bytes() for file in pipeline.layout.logs.iterdir() if file.name != "emulator.log"}

    stages = [logs[pipeline.fact(f"{stage}/logs/group")] for stage in STAGES]
    assert all(f"{FOLDER}/right-cells.csv".encode() in lines for lines in stages)
    assert {"redshift.log", "postgres.log"} <= logs.keys()
    assert EVERYONE.found_among(logs) == {}


def log_groups(pipeline: Pipeline) -> dict[str, bytes]:
    """Read every line of every log group of the account."""
    logs, found = pipeline.client("logs"), {}
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines = [event["message"] for events in pages for event in events["events"]]
            found[group["logGroupName"]] = "\n".join(lines).encode()
    return found


@pytest.mark.usefixtures("outcomes")
def test_no_metric_and_no_alarm_holds_personal_data(pipeline: Pipeline) -> None:
    cloudwatch = pipeline.client("cloudwatch")
    pages = cloudwatch.get_paginator("list_metrics").paginate()
    metrics = json.dumps([metric for page in pages for metric in page["Metrics"]])
    alarms = json.dumps(cloudwatch.describe_alarms()["MetricAlarms"], default=str)

    assert "RowsExtracted" in metrics
    assert EVERYONE.found_among({"metrics": metrics.encode(), "alarms": alarms.encode()}) == {}


@pytest.mark.usefixtures("outcomes")
def test_F63_no_table_holds_personal_data(pipeline: Pipeline) -> None:
    tables = {table: contents(pipeline, table) for table in tables_of(pipeline)}

    assert {"core.branches", "core.products", "core.orders", "ops.files", "ops.file_parts", "ops.rejects"} <= set(
        tables
    )
    assert b"Planted B" in tables["core.branches"]
    assert EVERYONE.found_among(tables) == {}


@pytest.mark.usefixtures("outcomes")
def test_no_file_of_a_table_or_an_index_holds_personal_data(pipeline: Pipeline) -> None:
    files = relation_files(pipeline)

    assert files.keys() >= {"core.branches", "ops.files", "ops.rejects"}
    assert any(b"Planted B" in body for body in files.values())
    assert EVERYONE.found_among(files) == {}


@pytest.mark.skipif(
    os.environ.get("CANARIES") != "all", reason="takes a minute: `make canaries` searches every file of the database"
)
@pytest.mark.usefixtures("outcomes")
def test_no_file_of_the_whole_database_holds_personal_data(pipeline: Pipeline) -> None:
    query(pipeline, "checkpoint")
    files = {str(file): file.read_bytes() for file in pipeline.layout.postgres.rglob("*") if file.is_file()}

    assert any("pg_wal" in file for file in files)
    assert EVERYONE.found_among(files) == {}


def relation_files(pipeline: Pipeline) -> dict[str, bytes]:
    """Read the files of every table and index that the project made, as PostgreSQL has written them to the disk."""
    query(pipeline, "checkpoint")
    # Objects of PostgreSQL itself have lower ids.
    listed = query(
        pipeline,
        "select n.nspname || '.' || c.relname, pg_relation_filepath(c.oid) from pg_class as c inner join pg_namespace"
        " as n on c.relnamespace = n.oid where c.oid >= 16384 and c.relkind in ('r', 'i', 't', 'm', 'S')",
    )
    paths = dict(line.split("|") for line in listed.splitlines())
    return {name: (pipeline.layout.postgres / path).read_bytes() for name, path in paths.items()}


def query(pipeline: Pipeline, statement: str) -> str:
    """Ask PostgreSQL itself, past the local Redshift endpoint, which knows no files."""
    server = PostgresServer(pipeline.layout.postgres, pipeline.layout.log("postgres"))
    port = (pipeline.layout.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()[3]
    address = ["-h", server.host, "-p", port, "-U", server.superuser]
    psql: list[str | Path] = [programs_folder() / "psql", "-qXAt", *address]
    environment = {"PGPASSWORD": server.password, "LC_ALL": "C.UTF-8"}
    answer = subprocess.run(
        [*psql, "-d", pipeline.fact("warehouse/database/name"), "-c", statement],
        capture_output=True, check=True, text=True, env=environment,
    )  # fmt: skip
    return str(answer.stdout).strip()


def test_no_answer_of_the_command_line_holds_personal_data(outcomes: dict[str, LedgerEntry], tmp_path: Path) -> None:
    name, recorded = "4917 6100 0000 0018.csv", KEYS["4917 6100 0000 0018.csv"]
    (tmp_path / name).write_bytes(planted_files()[f"{FOLDER}/right-cells.csv"])

    answers = {
        "drop": cafe("drop", tmp_path, "--wait"),
        "status": cafe("status"),
        "trace by the real name": cafe("trace", f"{FOLDER}/{name}"),
        "trace by the recorded name": cafe("trace", f"{FOLDER}/{recorded}"),
        "rejects": cafe("rejects", "planted"),
        "erase": cafe("erase", "--file", f"{FOLDER}/{name}", "--dry-run"),
    }

    assert answers["drop"].answer["files"][0]["outcome"]["reason"] == "personal_key"
    assert outcomes[f"{FOLDER}/{recorded}"].file_id in str(answers["trace by the real name"].answer)
    assert answers["trace by the recorded name"].answer["key"] == f"{HEAD_OFFICE_PREFIX}{FOLDER}/{recorded}"
    assert len(answers["rejects"].answer["rejects"]) >= 100
    assert len(answers["erase"].answer["versions"]) >= 1
    bodies = {command: json.dumps(result.answer, ensure_ascii=False).encode() for command, result in answers.items()}
    assert EVERYONE.found_among(bodies) == {}


@pytest.mark.usefixtures("outcomes")
def test_what_is_planted_in_a_real_place_is_found_in_every_encoding(pipeline: Pipeline) -> None:
    """Show that the tests above would fail: the same search finds each encoding among what the stack wrote."""
    table = contents(pipeline, "ops.files")
    planted = {name: table + encode(f" {NAMES[0]} {min(numbers())}") for name, encode in ENCODINGS.items()}
    planted["gzip"] = ENCODINGS["gzip"](f"{table.decode()} {NAMES[0]} {min(numbers())}")

    assert EVERYONE.found_among(planted) == {name: {NAMES[0], min(numbers())} for name in ENCODINGS}


def test_a_raw_file_is_erased_for_good_and_a_record_stays(pipeline: Pipeline) -> None:
    key = f"{FOLDER}/erased.csv"
    versions = [pipeline.put(key, body) for body in (b"", b"\n")]
    pipeline.versions_of(versions)
    s3, bucket = pipeline.client("s3"), pipeline.fact("drop/bucket/name")
    s3.delete_object(Bucket=bucket, Key=f"{HEAD_OFFICE_PREFIX}{key}")

    erased = cafe("erase", "--file", key, "--yes")

    left = s3.list_object_versions(Bucket=bucket, Prefix=f"{HEAD_OFFICE_PREFIX}{key}")
    assert [left.get(kind, []) for kind in ("Versions", "DeleteMarkers")] == [[], []]
    assert len(erased.answer["versions"]) == 3
    assert erased.answer["record"] in cafe("erase", "--list").answer["erasures"]
    assert cafe("trace", key).answer["in_bucket"] is False


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
