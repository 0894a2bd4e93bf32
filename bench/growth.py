"""Measure how the time of a load depends on what is in the warehouse already.

Two warehouses, a small and a large one, load the same nights in turns. PostgreSQL replaces Redshift, so the figure says
whether the statements of a load read more than its own days.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.marts import connect, filled_warehouse
from bench.pipeline import NotLoaded
from bench.statements import COPY_ROLE, KeptObjects, StagingBucket, stage_file
from cafe.generate.dialects import Dialect
from cafe.generate.history import LAST_DAY, plan
from cafe.generate.writing import write_folder
from cafe.terminal.presentation import remark
from load.stage import LoadOptions, create_stage_tables, load_in_one_transaction
from load.warehouse import RedshiftSession
from shared.contracts import TransformedPart

SMALL_ORDERS = 100_000
ORDERS = 10_000_000
ROUNDS = 7
CAFES = 18
ROWS_A_FILE = 300
MOST_TIMES = 1.3


def measure(orders: int = ORDERS, rounds: int = ROUNDS) -> list[Figure]:
    """Load as many nights as rounds into both warehouses, and compare the times of each night."""
    objects = KeptObjects()
    options = LoadOptions(StagingBucket(objects), COPY_ROLE, 33)
    with ExitStack() as stack:
        sessions = []
        for size in (SMALL_ORDERS, orders):
            endpoint, _ = stack.enter_context(filled_warehouse(size, objects, [COPY_ROLE]))
            session = RedshiftSession(connect(endpoint))
            stack.callback(session.close)
            create_stage_tables(session)
            sessions.append(session)
        times: list[tuple[float, float]] = []
        for number, parts in enumerate(_nights(objects, rounds + 1)):
            order = (0, 1) if number % 2 else (1, 0)
            seconds = {place: _seconds(parts, sessions[place], options, f"night-{number}-{place}") for place in order}
            # The first night prepares the statements.
            if number:
                times.append((seconds[0], seconds[1]))
                remark(f"night {number}: {seconds[0]:.2f} s into the small one, {seconds[1]:.2f} s", "dim")
    ratios = [large / small for small, large in times]
    note = f"of that into {SMALL_ORDERS:,}; {min(ratios):.2f} to {max(ratios):.2f} in {rounds} nights of {CAFES} files"
    return [Figure(f"a load into {orders:,} orders", median(ratios), MOST_TIMES, "x", note)]


def _seconds(parts: list[TransformedPart], session: RedshiftSession, options: LoadOptions, batch: str) -> float:
    started = time.perf_counter()
    files = load_in_one_transaction(parts, session, options, batch)
    seconds = time.perf_counter() - started
    if (loaded := sum(file.rows_loaded for file in files)) != CAFES * ROWS_A_FILE:
        raise NotLoaded(f"{loaded} of {CAFES * ROWS_A_FILE} orders loaded.")
    return seconds


def _nights(objects: KeptObjects, nights: int) -> Iterator[list[TransformedPart]]:
    """Stage the files of one night after the other."""
    for night in range(nights):
        day = LAST_DAY - timedelta(days=night)
        history = plan(feed=Dialect().feed, seed=night, branches=CAFES, days=1, orders=CAFES * ROWS_A_FILE, until=day)
        with TemporaryDirectory() as name:
            write_folder(history, Dialect(), Path(name), seed=night)
            files = sorted(path for path in Path(name).rglob("*") if path.is_file())
            yield [
                part
                for file in files
                for part in stage_file(objects, file.relative_to(name).as_posix(), file.read_bytes())
            ]
