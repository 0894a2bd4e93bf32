"""Run schedules a second time with load's real SQL, on a real database behind the local Redshift endpoint.

Everything except the engine is the same, random draws included. If the final tables differ, the model and the SQL
disagree.
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

# Set from the warehouse's clock, which is the machine's clock and not the virtual one.
_TIMES = ("arrived_at", "recorded_at")
# If the mutex failed to separate transactions, one would block on a row of another that cannot run: a deadlock.
_SET_TIMEOUT = "set statement_timeout to 20000"

# Schedules contain files that share orders and disagree, so this check finds faults by design.
_EXPECTED_TO_FAIL = "live_files_agree"


class RealEngines:
    """Real sessions with the driver that load uses, on a warehouse that is emptied before each run."""

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
        self._reader.execute(f"select * from {table}")  # noqa: S608  a name from PERMANENT
        names = [column[0] for column in self._reader.description]
        return [dict(zip(names, row, strict=True)) for row in self._reader.fetchall()]

    def failing_checks(self) -> list[str]:
        """Run the warehouse's checks; return the names of those that find unexpected faults."""
        session = RedshiftSession(self._warehouse.connect())
        results = run_checks(session)
        session.close()
        return [result.name for result in results if result.faults and result.name != _EXPECTED_TO_FAIL]


def replayable(seed: int) -> Schedule:
    """Draw a schedule without short COPYs, which only the model can simulate."""
    schedule = draw(seed)
    return replace(schedule, incidents=tuple(one for one in schedule.incidents if one.kind != SHORT_COPY))


def differences(schedule: Schedule, clock: Clock, real: RealEngines) -> list[str]:
    """Run a schedule on the model and on a real database; list differing rows and failing checks."""
    modelled, stored = _final_rows(schedule, clock, ModelEngines()), _final_rows(schedule, clock, real)
    return [
        *(f"only the model has {row}" for row in _without(modelled, stored)),
        *(f"only the database has {row}" for row in _without(stored, modelled)),
        *(f"the check {name} finds faults" for name in real.failing_checks()),
    ]


@contextmanager
def real_warehouse() -> Iterator[Warehouse]:
    """Start a database with a local Redshift endpoint in front of it."""
    objects = MemoryObjects()
    with TemporaryDirectory() as folder, PostgresServer(Path(folder, "data"), Path(folder, "log")) as server:
        address = PostgresAddress(server.host, server.port, server.superuser, server.password)
        with (
            RedshiftEndpoint(address, objects, roles=[COPY_ROLE]) as endpoint,
            new_warehouse(endpoint, objects) as warehouse,
        ):
            yield warehouse


def _final_rows(schedule: Schedule, clock: Clock, engines: Engines) -> list[str]:
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
