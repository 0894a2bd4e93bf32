"""Compare the whole pipeline, on a local stack, with dlt into the same PostgreSQL server.

The pipeline's clock starts with the first upload and stops when the ledger shows the last file as loaded; its workers
are warm, as on any night. dlt's runs from process start to end. Each round has a new stack and an empty warehouse.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.branch_files import BranchFile, bench_folder, bench_layout, provide
from bench.peers import running
from bench.peers.comparing import Comparison, check_same
from bench.peers.process_trees import processor_seconds
from bench.peers.running import Cost
from bench.peers.workloads import PASSWORD
from bench.pipeline import GATHERING, NotLoaded, fresh_stack
from cafe.deployed.environment import Environment
from cafe.generate.dialects import Dialect
from cafe.generate.history import LAST_DAY, plan
from cafe.generate.writing import write_folder
from cafe.local.postgres import PostgresServer
from cafe.local.state import running_stack
from cafe.sending.uploads import Sender, plan_drop, upload_all
from cafe.terminal.presentation import remark
from cafe.warehouse.port import Warehouse
from local_redshift.wire.upstream import PostgresAddress, superuser_session

# dlt by its fastest way, and by the way that its documentation shows first: the workloads, by their names.
PEERS = {"dlt, Arrow tables": "dlt_postgres", "dlt, read_csv": "dlt_postgres_rows"}
LEAVES_OUT = "baskets, ids, the ledger, refused rows, repeated and corrected files; its raw rows are the only result"
POLL_SECONDS = 0.2
TIMEOUT_SECONDS = 1_800.0
OUR_DAYS = """select b.branch_name, cast(date_trunc('day', o.ordered_at) as date) as day, count(*) as orders,
    sum(o.total_amount) as total from core.orders o join core.branches b on b.branch_id = o.branch_id group by 1, 2"""
THEIR_DAYS = """select branch, to_timestamp(time, 'DD/MM/YYYY HH24:MI')::date, count(*), sum(total::decimal(10, 2))
    from peers.orders group by 1, 2"""


@dataclass(frozen=True, slots=True)
class Input:
    """What is sent in one round: files of each café's days, or one file with all orders."""

    name: str
    orders: int
    branches: int = 18
    days: int = 0

    def write(self, folder: Path) -> None:
        """Write the files into a folder."""
        if self.days:
            history = plan(feed=Dialect().feed, seed=1, branches=self.branches, days=self.days, orders=self.orders)
            write_folder(history, Dialect(), folder, seed=1)
        else:
            (folder / "history.csv").symlink_to(provide(BranchFile(self.orders)).resolve())


INPUTS = (Input("1,008 files of 300 rows", 302_400, days=56), Input("one file", 1_000_000))
QUICK = (Input("4 files", 80, branches=2, days=2), Input("one file", 200))


def compare(inputs: Sequence[Input], rounds: int) -> list[Comparison]:
    """Run all sides once in each round; the pipeline goes first or last. Raises DifferentOutput, NotLoaded."""
    found = []
    for sent in inputs:
        turns = [_round(sent, number, rounds) for number in range(rounds)]
        ours = tuple(turn[0] for turn in turns)
        for place, peer in enumerate(PEERS, 1):
            theirs = tuple(turn[place] for turn in turns)
            found.append(Comparison(f"end to end, {sent.name}", sent.orders, peer, LEAVES_OUT, ours, theirs))
    return found


def _round(sent: Input, number: int, rounds: int) -> list[Cost]:
    """Give the cost of the pipeline, and of each of PEERS."""
    with TemporaryDirectory(dir=bench_folder()) as name, fresh_stack(GATHERING) as environment:
        files = Path(name) / "files"
        files.mkdir()
        sent.write(files)
        _warm_up(environment, Path(name) / "warm")
        before = _days(environment)
        ours = None if number % 2 else _pipeline(environment, files)
        theirs = [_dlt(workload, files, Path(name) / workload) for workload in PEERS.values()]
        ours = ours or _pipeline(environment, files)
        loaded = _sums(_difference(_days(environment), before))
        for peer, workload in PEERS.items():
            check_same(peer, loaded, _sums(_dlt_days(workload)))
    seconds = ", ".join(f"{peer} {cost.seconds:.1f} s" for peer, cost in zip(PEERS, theirs, strict=True))
    remark(f"{sent.name}, round {number + 1} of {rounds}: ours {ours.seconds:.1f} s, {seconds}", "dim")
    return [ours, *theirs]


def _warm_up(environment: Environment, folder: Path) -> None:
    """Load a few files of the year before first, so that the workers and their sessions are there."""
    folder.mkdir()
    history = plan(feed=Dialect().feed, seed=99, branches=4, days=2, orders=80, until=LAST_DAY - timedelta(days=365))
    write_folder(history, Dialect(), folder, seed=99)
    _pipeline(environment, folder)


def _pipeline(environment: Environment, files: Path) -> Cost:
    uploads = plan_drop([files]).uploads
    sender, bucket = Sender(environment.client("s3")), environment.fact("drop/bucket/name")
    warehouse = environment.warehouse()
    already, _ = _ended(warehouse)
    processor = _stack_seconds()
    started = time.perf_counter()
    upload_all(lambda _: sender, bucket, uploads, on_uploaded=lambda _: None)
    while (ended := _ended(warehouse))[0] < already + len(uploads):
        if ended[1] or time.perf_counter() - started > TIMEOUT_SECONDS:
            raise NotLoaded(
                f"{ended[0] - already} of {len(uploads)} files loaded, {ended[1]} refused or held.",
                f"See {bench_layout().logs}.",
            )
        time.sleep(POLL_SECONDS)
    return Cost(time.perf_counter() - started, _stack_seconds() - processor, None)


def _ended(warehouse: Warehouse) -> tuple[int, int]:
    """Count the files that are loaded, and those that ended in another way."""
    sql = "select outcome, count(*) as files from ops.files group by outcome"
    files = {str(outcome): int(str(count)) for outcome, count in warehouse.query(sql).rows}
    loaded = files.pop("loaded", 0)
    return loaded, sum(files.values())


def _dlt(workload: str, files: Path, target: Path) -> Cost:
    """Run dlt into a database of its own; PostgreSQL's time is added to its own, as it is to the pipeline's."""
    address = _address()
    target.mkdir()
    with superuser_session(address, "postgres") as session:
        session.query(f"create database {workload}")
    place = {"host": address.host, "port": address.port, "username": address.user, "database": workload}
    (target / "address.json").write_text(json.dumps(place), encoding="utf-8")
    before = _stack_seconds()
    cost = running.timed(workload, files, target, is_ours=False, secrets={PASSWORD: address.password})
    return Cost(cost.seconds, cost.processor_seconds + _stack_seconds() - before, cost.peak_megabytes)


def _address() -> PostgresAddress:
    layout = bench_layout()
    server = PostgresServer(layout.postgres, layout.log("postgres"))
    port = int((layout.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()[3])
    return PostgresAddress(server.host, port, server.superuser, server.password)


def _stack_seconds() -> float:
    stack = running_stack(bench_layout())
    return 0.0 if stack is None else processor_seconds(stack.processes.values())


type Days = dict[str, list[int]]


def _days(environment: Environment) -> Days:
    return _by_day(environment.warehouse().query(OUR_DAYS).rows)


def _dlt_days(database: str) -> Days:
    with superuser_session(_address(), database) as session:
        return _by_day(session.query(THEIR_DAYS).rows)


def _by_day(rows: Sequence[Sequence[Any]]) -> Days:
    return {f"{row[0]} {str(row[1])[:10]}": [int(row[2]), int(str(row[3]).replace(".", ""))] for row in rows}


def _difference(after: Days, before: Days) -> Days:
    zero = [0, 0]
    days = {
        day: [value - earlier for value, earlier in zip(sums, before.get(day, zero), strict=True)]
        for day, sums in after.items()
    }
    return {day: sums for day, sums in days.items() if sums != zero}


def _sums(days: Days) -> dict[str, Any]:
    return {"orders": sum(orders for orders, _ in days.values()), "days": days}
