"""Measure each mart for its last thirty days, on many orders in a local warehouse."""

import json
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import redshift_connector
from redshift_connector.core import Connection

from bench.figures import Figure
from cafe.local.postgres import PostgresServer
from cafe.terminal.presentation import remark
from load.schema import migrate
from load.statements import mart_names, statements
from load.warehouse import RedshiftSession
from local_redshift.copy.s3_objects import ObjectMissing, ObjectReader
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire.upstream import PostgresAddress, Upstream, superuser_session

ORDERS = 5_000_000
ROUNDS = 5
MOST_SECONDS = 2.0
ADMINISTRATOR, PASSWORD, DATABASE = "cafe_admin", "made-up-for-benchmarks", "bench"
# Two years of twenty cafés, sorted by time, as files arrive. Each order has one to three items, of forty products.
# The local Redshift's sort keys are BRIN indexes of PostgreSQL, which are up to date after a VACUUM.
_, INSERT_ITEMS_SOLD = statements("repair/items_sold")
_, INSERT_FILE_DAYS = statements("repair/file_days")
FILL = (
    "insert into core.branches select n, 'Café ' || n from generate_series(1, 20) n",
    """insert into core.products
    select n, 'Product ' || n / 2, case n % 2 when 0 then 'Large' else 'Regular' end, ''
    from generate_series(0, 39) n""",
    """create temp table baskets as
    select n, md5(n::text) as order_id, (n * 7 + k * 13) % 40 as product_id
    from generate_series(1, {orders}) n, generate_series(1, 3) k where k <= 1 + n % 3""",
    """insert into core.order_items
    select order_id, product_id, 2 + product_id % 10 * 0.15, 1 from baskets order by n""",
    """insert into core.orders
    select order_id, 1 + n % 20,
        current_date - 730 + (n::bigint * 730 / ({orders} + 1))::integer
            + interval '8 hours' + (n * 37 % 540) * interval '1 minute',
        case n % 3 when 0 then 'CASH' else 'CARD' end, sum(2 + product_id % 10 * 0.15)
    from baskets group by n, order_id order by n""",
    f"{INSERT_ITEMS_SOLD} order by orders.ordered_at",
    # One file for each café and day. In every hundredth file one row is refused. Some files were sent again under
    # another key; the recent ones of these claim fewer orders.
    """create temp table sent as
    select md5('file ' || branch_id || ' ' || day || ' ' || copy) as file_id, branch_id, day, orders, amount, copy,
        day + interval '20 hours' + branch_id * interval '1 minute' as received_at,
        row_number() over (order by day, branch_id, copy) as place
    from (
        select branch_id, date_trunc('day', ordered_at) as day, count(*) as orders, sum(total_amount) as amount
        from core.orders group by 1, 2
    ) days, generate_series(0, 1) copy
    where copy = 0 or (branch_id = 7 and extract(doy from day)::integer % 20 = 0)""",
    """insert into ops.files
    select file_id, 'v2-r100000', 'drop', to_char(day, 'YYYY/MM/DD') || '/' || branch_id || '-' || copy || '.csv', 'v1',
        received_at, 50000, 'loaded', '', '', 'b', true, 1, orders + 1, orders, 0, 0, 0, 1, orders + 1,
        case copy when 0 then orders else 0 end, case copy when 0 then 0 else orders end, 0, 1,
        amount, case copy when 0 then amount else 0 end, case copy when 0 then 0 else amount end,
        received_at + interval '1 minute', 0, '', 0, 0, ''
    from sent order by place""",
    """insert into ops.order_claims
    select order_id, file_id from core.orders
    join sent on sent.branch_id = orders.branch_id and sent.day = date_trunc('day', orders.ordered_at)
    where copy = 0 or day < current_date - 30 or order_id > '10'
    order by place""",
    INSERT_FILE_DAYS,
    """insert into ops.rejects
    select file_id, 17, 'transform', case place % 3 when 0 then 'total_differs' else 'bad_timestamp' end, ''
    from sent where place % 100 = 0""",
    "vacuum (analyze)",
)
# The column by which the last 30 days are selected, if it is not day. WHOLE marts are read completely.
PERIODS = {"like_for_like_weeks": "week", "product_ranks": "month", "nights": "night"}
ALSO = {"bought_together": " and other_day >= current_date - 30"}
WHOLE = frozenset(("price_changes", "cafe_freshness", "files", "reject_summary", "missing_cafe_days"))


class NoObjects:
    """An empty bucket; nothing is copied in this benchmark."""

    def open(self, role: str, bucket: str, key: str) -> BinaryIO:
        """See ObjectReader."""
        del role, bucket, key
        raise ObjectMissing


def measure(orders: int = ORDERS, rounds: int = ROUNDS) -> list[Figure]:
    """Fill a temporary warehouse and query every mart."""
    # Connect to PostgreSQL directly, to measure the mart without the endpoint.
    with filled_warehouse(orders) as (_, address), superuser_session(address, DATABASE) as postgres:
        return [_figure(mart, postgres, orders, rounds) for mart in mart_names()]


@contextmanager
def filled_warehouse(
    orders: int, objects: ObjectReader | None = None, roles: Sequence[str] = ()
) -> Iterator[tuple[RedshiftEndpoint, PostgresAddress]]:
    """Make a warehouse with load's migrations, fill it, and delete it on exit. COPY reads ``objects``, if any."""
    with empty_warehouse(objects or NoObjects(), roles) as (endpoint, address):
        session = RedshiftSession(connect(endpoint))
        migrate(session)
        session.close()
        # Connect to PostgreSQL directly: the endpoint refuses statements that Redshift lacks.
        with superuser_session(address, DATABASE) as postgres:
            remark(f"filling a warehouse with {orders:,} orders …")
            for sql in FILL:
                postgres.query(sql.format(orders=orders))
        yield endpoint, address


@contextmanager
def empty_warehouse(objects: ObjectReader, roles: Sequence[str]) -> Iterator[tuple[RedshiftEndpoint, PostgresAddress]]:
    """Make a warehouse without tables, whose COPY reads ``objects`` under ``roles``, and delete it on exit."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with PostgresServer(folder / "data", folder / "postgres.log") as server:
            address = PostgresAddress(server.host, server.port, server.superuser, server.password)
            with RedshiftEndpoint(address, objects, roles=roles) as endpoint:
                endpoint.set_administrator(ADMINISTRATOR, PASSWORD, DATABASE, roles)
                yield endpoint, address


def connect(endpoint: RedshiftEndpoint) -> Connection:
    """Open a session as administrator through the endpoint."""
    return redshift_connector.connect(
        host=endpoint.host,
        port=endpoint.port,
        database=DATABASE,
        user=ADMINISTRATOR,
        password=PASSWORD,
        ssl=False,
    )


def _figure(mart: str, postgres: Upstream, orders: int, rounds: int) -> Figure:
    """Run the mart to its last row, and read the execution time from PostgreSQL."""
    period = PERIODS.get(mart, "day")
    condition = "" if mart in WHOLE else f" where {period} >= current_date - 30{ALSO.get(mart, '')}"
    query = f"explain (analyze, timing off, format json) select * from mart.{mart}{condition}"  # noqa: S608
    plans = [json.loads(postgres.query(query).rows[0][0] or "") for _ in range(rounds)]
    seconds = statistics.median(plan[0]["Execution Time"] / 1000 for plan in plans)
    remark(f"mart.{mart}: {seconds:.2f} s", "dim")
    selected = "all rows" if mart in WHOLE else f"the last 30 days by {period}"
    return Figure(f"mart.{mart}", seconds, MOST_SECONDS, "s", f"{selected}; {orders:,} orders; median of {rounds}")
