"""Delete all rows of a temporary table without leaving them in its file.

After DELETE, PostgreSQL keeps the rows in the table's file until VACUUM, and every later query of the session reads
over them. TRUNCATE begins a new file. Unlike Redshift's own TRUNCATE, PostgreSQL's belongs to the transaction. Whether
such rows slow Redshift down as well is not known.
"""

from local_redshift.dialect.quoting import quote_literal
from local_redshift.wire.upstream import Upstream

# The bytes of a temporary table. No row for any other table, which another session may read meanwhile, nor where
# PostgreSQL refuses TRUNCATE: in a transaction that only reads, and while the session has a cursor.
BYTES_TO_TRUNCATE = """
select pg_relation_size(oid)
from pg_catalog.pg_class
where oid = pg_catalog.to_regclass({table})
    and relkind = 'r'
    and relpersistence = 't'
    and current_setting('transaction_read_only') = 'off'
    -- Portals of the protocol are cursors too. The unnamed one ends with this query.
    and not exists (select from pg_catalog.pg_cursors where name <> '')
"""


def delete_all(upstream: Upstream, statement: str, table: str) -> str:
    """Run a DELETE of all rows of a table, quoted for PostgreSQL; return the command tag. Raises UpstreamError."""
    found = upstream.query(BYTES_TO_TRUNCATE.format(table=quote_literal(table))).rows
    if not found:
        return upstream.query(statement).tag
    rows: str | None = "0"
    if found != [[rows]]:
        ((rows,),) = upstream.query(f"SELECT count(*) FROM {table}").rows  # noqa: S608  the name is quoted
        upstream.query(f"TRUNCATE TABLE {table}")
    return f"DELETE {rows}"
