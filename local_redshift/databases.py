"""The databases behind the endpoint: create them, add what Redshift has and PostgreSQL lacks, keep load errors."""

import threading
import time
from importlib.resources import files
from itertools import count

from local_redshift.copy.load_errors import LoadError
from local_redshift.dialect.quoting import quote_identifier, quote_literal
from local_redshift.wire.upstream import PostgresAddress, superuser_session

MAINTENANCE_DATABASE = "postgres"


class Databases:
    """The databases of one PostgreSQL, managed as its superuser."""

    def __init__(self, address: PostgresAddress) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._query_ids = count(time.time_ns() // 1000)  # above those of earlier runs

    def create(self, name: str) -> None:
        """Create a database if it is missing, and install or update what Redshift has and PostgreSQL lacks."""
        script = files("local_redshift").joinpath("compat.sql").read_text(encoding="utf-8")
        with self._lock:
            with superuser_session(self.address, MAINTENANCE_DATABASE) as session:
                known = {row[0] for row in session.query("select datname from pg_database").rows}
                if name not in known:
                    # The fastest strategy when nothing waits for the disk.
                    session.query(f"create database {quote_identifier(name)} strategy file_copy")
            with superuser_session(self.address, name) as session:
                session.query(script)

    def drop(self, name: str) -> None:
        """Drop a database and end the sessions that are on it."""
        with self._lock, superuser_session(self.address, MAINTENANCE_DATABASE) as session:
            session.query(f"drop database if exists {quote_identifier(name)} with (force)")

    def set_administrator(self, user: str, password: str, database: str) -> None:
        """Create the user who owns the database, or set their password."""
        role, login = quote_identifier(user), f"login createdb createrole password {quote_literal(password)}"
        with self._lock, superuser_session(self.address, MAINTENANCE_DATABASE) as session:
            known = {row[0] for row in session.query("select rolname from pg_roles").rows}
            session.query(f"{'alter' if user in known else 'create'} role {role} with {login}")
            session.query(f"alter database {quote_identifier(database)} owner to {role}")

    def storage_megabytes(self) -> float:
        """Measure what all databases store."""
        with superuser_session(self.address, MAINTENANCE_DATABASE) as session:
            rows = session.query("select sum(pg_database_size(oid)) / 1048576 from pg_database").rows
        return float(str(rows[0][0]))

    def record_load_error(self, database: str, session_id: int, table: str, error: LoadError) -> None:
        """Keep a load error in a separate transaction: it outlives the load, which is rolled back."""
        with self._lock:
            query_id = next(self._query_ids)
        values = (
            f"{query_id}, {session_id}, {quote_literal(database)}, {quote_literal(table)}, sysdate(), "
            f"{quote_literal(error.file_name)}, {error.line_number}, {quote_literal(error.column_name)}, "
            f"{error.error_code}, {quote_literal(error.error_message)}"
        )
        with superuser_session(self.address, database) as session:
            session.query(f"insert into pg_redshift.load_errors values ({values})")  # noqa: S608 - quoted above
