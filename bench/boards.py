"""Measure each query of the Grafana boards for the board's default period, on many orders in a local warehouse."""

import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from bench.figures import Figure
from bench.marts import MOST_SECONDS, ORDERS, ROUNDS, connect, filled_warehouse
from cafe.dashboards.boards import Format, WarehouseTarget, read_boards
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.answers import statement_of
from cafe.dashboards.variables import Values
from cafe.terminal.presentation import remark

# The sales boards open with all cafés, Café detail with one.
ALL_CAFES = ("0",)
ONE_CAFE = {"cafe-detail": ("1",)}


def measure(orders: int = ORDERS, rounds: int = ROUNDS) -> list[Figure]:
    """Fill a temporary warehouse and run the boards' queries through the endpoint and the driver."""
    with filled_warehouse(orders) as (endpoint, _), closing(connect(endpoint)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.paramstyle = "qmark"
        return [
            _figure(name, sql, cursor, f"{start}; {orders:,} orders; median of {rounds}", rounds)
            for name, sql, start in _statements()
        ]


def _statements() -> Iterator[tuple[str, str, str]]:
    """Yield each different statement once: its first panel, the statement, and the start of the period."""
    now, seen = datetime.now(UTC), set()
    for board in read_boards():
        period = Period.before(now, board.start, board.end)
        values: Values = {"cafe": ONE_CAFE.get(board.uid, ALL_CAFES)}
        variables = [
            (variable.label, WarehouseTarget("A", variable.query, Format.TABLE))
            for variable in board.variables
            if isinstance(variable.query, str)
        ]
        targets = [
            (panel.title, target)
            for panel in board.panels
            for target in panel.targets
            if isinstance(target, WarehouseTarget)
        ]
        for title, target in [*variables, *targets]:
            sql = statement_of(target, period, values)
            if sql not in seen:
                seen.add(sql)
                yield f"{board.title}: {title}", sql, board.start


def _figure(name: str, sql: str, cursor: Any, note: str, rounds: int) -> Figure:
    """Measure the time until the last row has arrived."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        cursor.execute(sql)
        cursor.fetchall()
        seconds.append(time.perf_counter() - started)
    remark(f"{name}: {statistics.median(seconds):.2f} s", "dim")
    return Figure(name, statistics.median(seconds), MOST_SECONDS, "s", note)
