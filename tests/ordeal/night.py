"""Load a night of files on the deployed stack while workers are killed and deliveries doubled, and check the result."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from cafe.deployed.dead_letters import count_dead_letters
from cafe.deployed.drop_bucket import list_versions
from cafe.deployed.environment import STAGES
from cafe.local.layout import Layout, checkout
from cafe.sending.resend import NEVER_COMPLETED, Resend, announce, missing_files
from cafe.warehouse.ledger import Ledger
from contention.ground import MEANT, SALES
from contention.workload import CAFES, ITEMS, FileVersion, Sale, expected_sales
from e2e.pipeline import Pipeline, deployed
from ordeal.workers import workers_of

# A failed message is delivered again soon, and often enough that a killed worker causes no dead letter.
PARAMETERS = {
    "VisibilityTimeoutSeconds": "8",
    "LoadVisibilityTimeoutSeconds": "8",
    "MaxReceiveCount": "100",
    "LoadMaxReceiveCount": "100",
}
DRAIN_SECONDS = 900.0
FILES_AHEAD = 60
DAYS_A_CAFE = 28

type Say = Callable[[str], None]


@dataclass
class Ordeal:
    """What was done to the pipeline, and the result. Rows are sales."""

    files: int = 0
    doubled: int = 0
    lost_events: int = 0
    purged: int = 0
    recovered: int = 0
    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    rows: int = 0
    rows_too_many: int = 0
    rows_too_few: int = 0
    pence_expected: int = 0
    pence_found: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    seconds: int = 0

    @property
    def is_right(self) -> bool:
        """Whether the warehouse holds the expected rows, to the penny, and no message or file is left."""
        rows = self.rows_too_many or self.rows_too_few or self.pence_expected != self.pence_found
        return not (rows or self.faults or self.left)


def draw_files(chance: Random, count: int) -> list[FileVersion]:
    """Draw branch files: most are new, some correct an earlier key, some repeat another file's sales."""
    files: list[FileVersion] = []
    for number in range(count):
        kind = chance.random()
        sales = tuple(sorted(_sale(chance, number) for _ in range(chance.randint(2, 12))))
        key = f"2026/{1 + number % 11}/{1 + number % DAYS_A_CAFE}/{CAFES[number % 2].lower()}-{number}.csv"
        if files and kind < 0.1:
            key = chance.choice(files[-200:]).key
        elif files and kind < 0.2:
            sales = tuple(sorted({*sales, *chance.choice(files[-200:]).sales}))
        files.append(FileVersion(key, str(number), number, sales, chance.choice((0, 0, 0, 1))))
    return files


def _sale(chance: Random, number: int) -> Sale:
    return Sale(chance.randrange(480), f"{chance.choice(CAFES)} {_letters(number % 500)}", chance.choice(list(ITEMS)))


def _letters(number: int) -> str:
    return chr(65 + number // 26) + chr(97 + number % 26)


def run(files: int, seed: int, say: Say, *, kills: int = 0, double: float = 0.0, lose: float = 0.0) -> Ordeal:
    """Deploy a stack, drop files while workers are killed and deliveries doubled, wait, and compare.

    ``kills`` is a number of workers; ``double`` and ``lose`` are shares of the files. With ``lose``, events are lost
    and a queue is purged instead, and reconciling must find what is missing.
    """
    chance, ordeal, started = Random(seed), Ordeal(files=files), time.monotonic()
    drawn = draw_files(chance, files)
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with deployed(Layout(checkout().root, Path(folder)), PARAMETERS) as pipeline:
            if lose:
                _drop_and_lose(pipeline, drawn, ordeal, lose)
            else:
                _drop_and_kill(pipeline, drawn, chance, ordeal, kills, double, say)
            _drain(pipeline, ordeal, say)
            _compare(pipeline, drawn, ordeal)
    ordeal.seconds = round(time.monotonic() - started)
    return ordeal


def _drop_and_kill(
    pipeline: Pipeline, files: list[FileVersion], chance: Random, ordeal: Ordeal, kills: int, double: float, say: Say
) -> None:
    """Drop files as fast as they are loaded; sometimes announce one again, or kill a worker."""
    bucket, reported_at = pipeline.fact("drop/bucket/name"), time.monotonic()
    victims = set(chance.sample(range(len(files)), min(kills, len(files))))
    for number, file in enumerate(files):
        stored = pipeline.put(file.key, file.body())
        if chance.random() < double:
            (version,) = [v for v in list_versions(pipeline.client("s3"), bucket, file.key) if v.in_ledger == stored]
            announce(pipeline.environment, [Resend(version, NEVER_COMPLETED)], per_second=1000)
            ordeal.doubled += 1
        if number in victims:
            _kill_one(pipeline, chance, ordeal)
        while number % 10 == 0 and pipeline.messages("extract/queue") > FILES_AHEAD:
            time.sleep(0.2)
        if time.monotonic() - reported_at > 10:
            reported_at = time.monotonic()
            say(f"{number:,} of {len(files):,} files dropped, {sum(ordeal.kills.values())} workers killed")
    while sum(ordeal.kills.values()) < kills:
        _kill_one(pipeline, chance, ordeal)


def _kill_one(pipeline: Pipeline, chance: Random, ordeal: Ordeal) -> None:
    """Kill a worker of any stage; wait if there is none yet."""
    stage = chance.choice(STAGES)
    for _ in range(200):
        workers = [worker for worker in workers_of(pipeline.stack.endpoint_url) if worker.stage == stage]
        if workers and chance.choice(workers).kill():
            ordeal.kills[stage] += 1
            return
        time.sleep(0.05)


def _drop_and_lose(pipeline: Pipeline, files: list[FileVersion], ordeal: Ordeal, lose: float) -> None:
    """Drop files while extract is paused, lose some of their events, purge the next queue, and reconcile."""
    sqs, arrivals = pipeline.client("sqs"), pipeline.fact("extract/queue/url")
    with pipeline.paused("transform"):
        with pipeline.paused("extract"):
            for file in files:
                pipeline.put(file.key, file.body())
            for _ in range(round(lose * len(files))):
                (message,) = sqs.receive_message(QueueUrl=arrivals, MaxNumberOfMessages=1)["Messages"]
                sqs.delete_message(QueueUrl=arrivals, ReceiptHandle=message["ReceiptHandle"])
                ordeal.lost_events += 1
        ordeal.purged = _purge(pipeline)
    _wait_for_empty_queues(pipeline)
    versions = list(list_versions(pipeline.client("s3"), pipeline.fact("drop/bucket/name")))
    outcomes = Ledger(pipeline.warehouse).outcomes([version.in_ledger for version in versions])
    newest = max(version.written_at for version in versions)
    missing = missing_files(versions, outcomes, written_before=newest)
    ordeal.recovered = len(missing)
    announce(pipeline.environment, missing, per_second=1000)


def _purge(pipeline: Pipeline) -> int:
    """Purge transform's queue while it has messages; give about how many were lost."""
    waiting = 0
    for _ in range(200):
        waiting = pipeline.messages("transform/queue")
        if waiting:
            break
        time.sleep(0.05)
    pipeline.client("sqs").purge_queue(QueueUrl=pipeline.fact("transform/queue/url"))
    return waiting


def _wait_for_empty_queues(pipeline: Pipeline) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while pipeline.backlog() and time.monotonic() < deadline:
        time.sleep(0.5)


def _drain(pipeline: Pipeline, ordeal: Ordeal, say: Say) -> None:
    """Wait until nothing is on the way, and record what is left after the time-out."""
    say("waiting until every file is loaded")
    _wait_for_empty_queues(pipeline)
    letters = {f"{stage} dead letters": count_dead_letters(pipeline.environment, stage) for stage in STAGES}
    ordeal.left = pipeline.backlog() | {name: count for name, count in letters.items() if count}


def _compare(pipeline: Pipeline, files: list[FileVersion], ordeal: Ordeal) -> None:
    expected = expected_sales(files)
    found: Counter[tuple[Any, ...]] = Counter()
    for row in pipeline.rows(SALES):
        found[tuple(row.values())] += 1
    ordeal.rows = expected.total()
    ordeal.rows_too_many, ordeal.rows_too_few = (found - expected).total(), (expected - found).total()
    ordeal.pence_expected = sum(int(sale[3] * 100) * count for sale, count in expected.items())
    ordeal.pence_found = sum(int(Decimal(sale[3]) * 100) * count for sale, count in found.items())
    ordeal.faults = {check: count for check, count in pipeline.faults().items() if check not in MEANT}
    missing = {file.key for file in files} - {
        str(row["source_key"]) for row in pipeline.rows("select source_key from ops.files")
    }
    if missing:
        ordeal.left["files that never completed"] = len(missing)
