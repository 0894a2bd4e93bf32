"""Schedules run a second time with load's real SQL, on a real database behind the local Redshift endpoint.

All else is the same, chance included. If the tables differ in the end, the model and the SQL disagree.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from cafe.local.postgres import PostgresServer
from fixtures.warehouse import COPY_ROLE, MemoryObjects, Warehouse, new_warehouse
from load.checks import run_checks
from load.schema import migrate
from load.warehouse import RedshiftSession, Session
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire.upstream import PostgresAddress
from simulation.clock import Clock
from simulation.schedule import SHORT_COPY, Schedule, draw
from simulation.storage import STAGING
from simulation.tables import PERMANENT, Row
from simulation.world import Engines, ModelEngines, World

# Set by the warehouse's own clock, which is the machine's.
_TIMES = ("arrived_at", "recorded_at")
# Without the mutex, a transaction could wait for a row of another transaction that waits for its turn: a deadlock.
_SET_TIMEOUT = "set statement_timeout to 20000"

# The schedules contain files that share orders and disagree.
_MAY_COMPLAIN = "live_files_agree"


class RealEngines:
    """Sessions of the driver that load uses, on a warehouse that is emptied before each run."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        session = RedshiftSession(warehouse.connect())
        migrate(session)
        session.close()
        self._reader = warehouse.connect(autocommit=True).cursor()

    def begin(self, world: World) -> None:
        """See Engines."""
        for table in PERMANENT:
            self._reader.execute(f"truncate {table}")
        objects = self._warehouse.objects
        objects.contents.clear()
        world.buckets.on_staged = lambda key, body: objects.put(STAGING, key, body)

    def open(self, world: World) -> Session:
        """See Engines."""
        del world
        session = RedshiftSession(self._warehouse.connect())
        session.execute(_SET_TIMEOUT)
        session.commit()
        return session

    def rows(self, table: str) -> list[Row]:
        """See Engines."""
        self._reader.execute(f"select * from {table}")  # noqa: S608  the names are constants
        names = [column[0] for column in self._reader.description]
        return [dict(zip(names, row, strict=True)) for row in self._reader.fetchall()]

    def complaints(self) -> list[str]:
        """Run the warehouse's own checks; list those that find a fault."""
        session = RedshiftSession(self._warehouse.connect())
        results = run_checks(session)
        session.close()
        return [result.name for result in results if result.faults and result.name != _MAY_COMPLAIN]


def replayable(seed: int) -> Schedule:
    """Draw a schedule without COPYs that are cut short: only the model can do that."""
    schedule = draw(seed)
    return replace(schedule, incidents=tuple(one for one in schedule.incidents if one.kind != SHORT_COPY))


def differences(schedule: Schedule, clock: Clock, real: RealEngines) -> list[str]:
    """Run a schedule on the model and on a real database; list how the results differ, and which checks complain."""
    modelled, found = _ended(schedule, clock, ModelEngines()), _ended(schedule, clock, real)
    return [
        *(f"only the model has {row}" for row in _without(modelled, found)),
        *(f"only the database has {row}" for row in _without(found, modelled)),
        *(f"the check {name} complains" for name in real.complaints()),
    ]


@contextmanager
def real_warehouse() -> Iterator[Warehouse]:
    """Start a database and an endpoint in front of it."""
    objects = MemoryObjects()
    with TemporaryDirectory() as folder, PostgresServer(Path(folder, "data"), Path(folder, "log")) as server:
        address = PostgresAddress(server.host, server.port, server.superuser, server.password)
        with (
            RedshiftEndpoint(address, objects, roles=[COPY_ROLE]) as endpoint,
            new_warehouse(endpoint, objects) as warehouse,
        ):
            yield warehouse


def _ended(schedule: Schedule, clock: Clock, engines: Engines) -> list[str]:
    World(schedule, clock, engines).run()
    return [f"{table}: {_text_of(row)}" for table in PERMANENT for row in engines.rows(table)]


def _text_of(row: Row) -> str:
    cells = sorted((name, value) for name, value in row.items() if name not in _TIMES)
    return ", ".join(f"{name}={_plain(value)}" for name, value in cells)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, datetime) else str(value).rstrip()


def _without(rows: list[str], others: list[str]) -> list[str]:
    return sorted((Counter(rows) - Counter(others)).elements())
