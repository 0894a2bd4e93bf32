"""Measure `cafe sql` on a result of many rows: processor time and peak memory."""

import json
import subprocess
import sys

from bench.figures import Figure
from bench.marts import ADMINISTRATOR, DATABASE, NoObjects, empty_warehouse
from cafe.local.layout import checkout
from cafe.terminal.presentation import remark
from local_redshift.wire.upstream import superuser_session

ROWS = 1_760_000
MOST_MEGABYTES = 200
MOST_SECONDS = 120
FORMS = {"table": ("--all", "--no-pager"), "csv": ("--csv",), "json": ("--json",)}
# As wide as the orders with their café, of every type that a mart has.
FILL = (
    """create table public.sold as
    select md5(n::text)::char(32) as order_id, ('Café ' || n % 20)::varchar(64) as branch,
        timestamp '2026-01-01' + n * interval '11 seconds' as ordered_at,
        (case n % 3 when 0 then 'CASH' else 'CARD' end)::varchar(5) as payment,
        (2 + n % 900 * 0.05)::decimal(10, 2) as total_amount, n % 4 as items, n % 7 = 0 as is_late,
        nullif(n % 10, 3)::bigint as discount
    from generate_series(1, {rows}) n""",
    f"alter table public.sold owner to {ADMINISTRATOR}",
)


def measure(rows: int = ROWS) -> list[Figure]:
    """Fill a temporary warehouse, and write all its rows in each form."""
    with empty_warehouse(NoObjects(), []) as (endpoint, address):
        with superuser_session(address, DATABASE) as postgres:
            remark(f"filling a warehouse with {rows:,} rows …")
            for sql in FILL:
                postgres.query(sql.format(rows=rows))
        return [figure for form in FORMS for figure in _figures(form, rows, endpoint.host, endpoint.port)]


def _figures(form: str, rows: int, host: str, port: int) -> list[Figure]:
    command = [sys.executable, "-m", "bench.sql_command", host, str(port), "sql", "select * from public.sold"]
    run = subprocess.run(
        [*command, *FORMS[form]],
        cwd=checkout().root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    measured = json.loads(run.stderr.splitlines()[-1])
    remark(f"{form}: {measured}", "dim")
    note = f"{rows:,} rows of 8 columns, in {measured['seconds']:.0f} s"
    return [
        Figure(f"cafe sql, {form}, peak memory", measured["peak_bytes"] / 1e6, MOST_MEGABYTES, "MB", note),
        Figure(f"cafe sql, {form}, processor time", measured["processor_seconds"], MOST_SECONDS, "s", note),
    ]
