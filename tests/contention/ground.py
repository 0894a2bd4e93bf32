"""The warehouse of the contention tests: behind the local Redshift endpoint, and emptied between schedules."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from redshift_connector.core import Connection as DriverConnection

from cafe.local.postgres import PostgresServer
from fixtures.warehouse import COPY_ROLE, MemoryObjects, Warehouse, new_warehouse
from load.checks import run_checks
from load.schema import migrate
from load.stage import LoadOptions
from load.warehouse import RedshiftSession
from local_redshift.server import RedshiftEndpoint
from local_redshift.session import SNAPSHOT
from local_redshift.wire.upstream import PostgresAddress
from staging import BUCKET, MOST_REMOVED_PERCENT

TABLES = (
    "core.order_items", "fact.items_sold", "core.orders", "core.branches", "core.products", "ops.order_claims",
    "ops.file_days", "ops.file_parts", "ops.rejects", "ops.files",
)  # fmt: skip
SALES = """
select branches.branch_name, cast(orders.ordered_at as varchar(19)), products.product_name, orders.total_amount
from core.orders as orders
inner join core.branches as branches on branches.branch_id = orders.branch_id
inner join core.order_items as items on items.order_id = orders.order_id
inner join core.products as products on products.product_id = items.product_id
"""
# Workloads contain files that disagree about one day of a café, so this check finds faults by design.
MEANT = {"live_files_agree"}


@dataclass
class Ground:
    """A migrated warehouse, the objects that its COPY reads, and an administrator's session for checks."""

    warehouse: Warehouse
    admin: RedshiftSession
    bucket: str = BUCKET

    @property
    def options(self) -> LoadOptions:
        """What load copies from."""
        return LoadOptions(self, self.warehouse.copy_role, MOST_REMOVED_PERCENT)

    def put(self, key: str, body: bytes) -> None:
        """Write a staged object, as load does to S3."""
        self.warehouse.objects.put(BUCKET, key, body)

    def sales(self) -> Counter[tuple[str, str, str, Decimal]]:
        """Count the sales in the warehouse, by café, time, product and amount."""
        found = Counter(tuple(row) for row in self.admin.execute(SALES))
        self.admin.rollback()
        return found

    def faults(self) -> dict[str, int]:
        """Run load's checks; return those that found unexpected faults."""
        return {
            check.name: check.faults for check in run_checks(self.admin) if check.faults and check.name not in MEANT
        }

    def completed_files(self) -> set[tuple[str, str]]:
        """Return the file versions that are in the ledger, as key and version id."""
        rows = self.admin.execute("select source_key, version_id from ops.files")
        self.admin.rollback()
        return {(str(key), str(version)) for key, version in rows}

    def clear(self) -> None:
        """Empty all tables and delete all objects."""
        for table in TABLES:
            self.admin.execute(f"truncate {table}")
        self.admin.commit()
        self.warehouse.objects.contents.clear()


def connect(warehouse: Warehouse, port: int | None = None) -> DriverConnection:
    """Open a connection that the warehouse fixture closes at the end; ``port`` is that of a proxy, if there is one."""
    if port is None:
        return warehouse.connect()
    through = Warehouse(warehouse.host, port, warehouse.database, warehouse.objects)
    return through.connect()


@contextmanager
def ground_of(warehouse: Warehouse) -> Iterator[Ground]:
    """Migrate a warehouse and yield it as the ground of a test."""
    admin = RedshiftSession(warehouse.connect())
    migrate(admin)
    try:
        yield Ground(warehouse, admin)
    finally:
        admin.close()


@contextmanager
def own_ground(isolation: str = SNAPSHOT) -> Iterator[Ground]:
    """Start a PostgreSQL and an endpoint for this ground alone."""
    objects = MemoryObjects()
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PostgresServer(folder / "data", folder / "postgres.log") as server:
            address = PostgresAddress(server.host, server.port, server.superuser, server.password)
            with (
                RedshiftEndpoint(address, objects, roles=[COPY_ROLE], isolation=isolation) as endpoint,
                new_warehouse(endpoint, objects) as warehouse,
                ground_of(warehouse) as ground,
            ):
                yield ground
