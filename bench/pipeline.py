"""Measure the time from the drop of a branch file to its rows in the warehouse, on a separate local stack."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import boto3

from bench.branch_files import bench_folder, bench_layout
from bench.figures import Figure
from cafe.deployed.environment import Environment, LocalWarehouse
from cafe.errors import CafeError
from cafe.generate.dialects import Dialect
from cafe.generate.history import plan
from cafe.generate.writing import write_folder
from cafe.local import keys, stack
from cafe.local.keys import RootKeys
from cafe.local.state import Stack
from cafe.sending.uploads import Sender, Upload, plan_drop, upload_all
from cafe.terminal.presentation import remark
from cafe.terminal.steps import show_step
from cafe.warehouse.port import Warehouse

ROWS_A_FILE = 300
WARM_DROPS = 20
FILES_AT_ONCE = 100
ROUNDS = 3
MOST_SECONDS_WARM = 0.4
MOST_SECONDS_FIRST = 2.5
MOST_SECONDS_AT_ONCE = 6.0
POLL_SECONDS = 0.005
TIMEOUT_SECONDS = 60.0
# As on any night, load gathers files, though not for minutes.
GATHERING = {"LoadBatchingWindowSeconds": "1"}


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds from the start of the upload until the last file is in the ledger."""

    first: float
    warm: tuple[float, ...]
    # FILES_AT_ONCE files while most of the functions' workers must start, and as many again with all of them warm.
    at_once: float
    at_once_again: float


class NotLoaded(CafeError):
    """The dropped files were not loaded in time, or not completely."""


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """In each round deploy a fresh stack, and time the first drop, warm drops, and many files at once."""
    measured = [_round(number) for number in range(1, rounds + 1)]
    deploys = f"median of {rounds} fresh deploys"
    warm = [seconds for durations in measured for seconds in durations.warm]
    return [
        Figure("first drop after a deploy", median(d.first for d in measured), MOST_SECONDS_FIRST, "s", deploys),
        Figure(
            name=f"warm drop of {ROWS_A_FILE} rows",
            measured=median(warm),
            limit=MOST_SECONDS_WARM,
            unit="s",
            note=f"median of {len(warm)} drops, {min(warm):.2f} to {max(warm):.2f} s",
        ),
        Figure(
            name=f"{FILES_AT_ONCE} such files at once",
            measured=median(d.at_once for d in measured),
            limit=MOST_SECONDS_AT_ONCE,
            unit="s",
            note=f"{deploys}; most workers start meanwhile",
        ),
        Figure(
            name=f"{FILES_AT_ONCE} more at once",
            measured=median(d.at_once_again for d in measured),
            limit=MOST_SECONDS_AT_ONCE,
            unit="s",
            note=f"{deploys}; all workers warm",
        ),
    ]


def _round(number: int) -> Durations:
    with TemporaryDirectory(dir=bench_folder()) as folder, fresh_stack() as environment:
        first, *others = _branch_files(Path(folder), seed=number)
        drops = Drops(environment)
        durations = Durations(
            first=drops.seconds([first]),
            warm=tuple(drops.seconds([upload]) for upload in others[:WARM_DROPS]),
            at_once=drops.seconds(others[WARM_DROPS : WARM_DROPS + FILES_AT_ONCE]),
            at_once_again=drops.seconds(others[WARM_DROPS + FILES_AT_ONCE :]),
        )
        drops.check_orders()
    warm = median(durations.warm)
    remark(
        f"round {number}: first {durations.first:.2f} s, warm {warm:.2f} s, "
        f"at once {durations.at_once:.2f} s, again {durations.at_once_again:.2f} s",
        "dim",
    )
    return durations


def _branch_files(folder: Path, seed: int) -> Sequence[Upload]:
    """Write files of one café, one for each day, with ROWS_A_FILE different orders in each."""
    files = 1 + WARM_DROPS + 2 * FILES_AT_ONCE
    history = plan(feed=Dialect().feed, seed=seed, branches=1, days=files, orders=files * ROWS_A_FILE)
    write_folder(history, Dialect(), folder, seed=seed)
    return plan_drop([folder]).uploads


class Drops:
    """Drops files and polls the ledger, with a session that is opened before the clock starts."""

    def __init__(self, environment: Environment, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._timeout_seconds = timeout_seconds
        self._sender = Sender(environment.client("s3"))
        self._bucket = environment.fact("drop/bucket/name")
        self._warehouse: Warehouse = environment.warehouse()
        self._dropped = self._count("select count(*) as rows from ops.files")

    def seconds(self, uploads: Sequence[Upload]) -> float:
        """Drop files at once and return the seconds until all are loaded."""
        self._dropped += len(uploads)
        started = time.perf_counter()
        upload_all(lambda _: self._sender, self._bucket, uploads, on_uploaded=lambda _: None)
        while self._count("select count(*) as rows from ops.files where outcome = 'loaded'") < self._dropped:
            elapsed = time.perf_counter() - started
            if elapsed > self._timeout_seconds:
                raise NotLoaded(f"Not loaded within {self._timeout_seconds:g} s.", f"See {bench_layout().logs}.")
            # Polling uses the same processors, so poll less often over time. The error is at most a fortieth.
            time.sleep(max(POLL_SECONDS, elapsed / 40))
        return time.perf_counter() - started

    def check_orders(self) -> None:
        """Raise NotLoaded unless the warehouse holds every order that was dropped."""
        orders = self._count("select count(*) as rows from core.orders")
        if orders != self._dropped * ROWS_A_FILE:
            raise NotLoaded(f"{orders} orders in the warehouse, {self._dropped * ROWS_A_FILE} dropped.")

    def _count(self, sql: str) -> int:
        ((count,),) = self._warehouse.query(sql).rows
        return int(str(count))


@contextmanager
def fresh_stack(parameters: Mapping[str, str] | None = None) -> Iterator[Environment]:
    """Bring up an empty stack, with template parameters besides the local ones, and always take it down on exit."""
    layout = bench_layout()
    try:
        yield _opened(stack.reset(show_step, parameters, layout), keys.read(layout))
    finally:
        stack.down(layout)


def _opened(running: Stack, root_keys: RootKeys) -> Environment:
    return Environment(
        name="bench",
        deployed_as=running.environment,
        session=boto3.Session(root_keys.access_key_id, root_keys.secret_access_key, region_name=running.region),
        endpoint_url=running.endpoint_url,
        local_warehouse=LocalWarehouse(running.warehouse_host, running.warehouse_port, Path(running.ca_file)),
    )
