"""Fixtures for the tests of the local Redshift."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pytest

from fixtures.warehouse import Warehouse
from integration.local_redshift.raw_client import RawClient
from integration.local_redshift.sessions import wait_until
from local_redshift.server import RedshiftEndpoint
from local_redshift.wire.upstream import Upstream, superuser_session


@pytest.fixture
def raw_client(empty_warehouse: Warehouse) -> Iterator[RawClient]:
    """A session of the raw client."""
    client = RawClient(empty_warehouse)
    yield client
    client.close()


@dataclass(frozen=True)
class Observer:
    """The sessions on a database, as PostgreSQL reports them."""

    endpoint: RedshiftEndpoint
    database: str

    def session(self) -> AbstractContextManager[Upstream]:
        """Open a session of PostgreSQL's superuser on the database."""
        return superuser_session(self.endpoint.databases.address, self.database)

    def count(self, condition: str) -> int:
        """Count the database's sessions for which a condition on pg_stat_activity holds."""
        sessions = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
        with superuser_session(self.endpoint.databases.address, "postgres") as session:
            rows = session.query(f"{sessions} and datname = '{self.database}' and {condition}").rows
        return int(str(rows[0][0]))

    def wait_for_lock_waiter(self) -> None:
        """Return once a session waits for a lock."""
        wait_until(lambda: self.count("wait_event_type = 'Lock'") == 1)

    def wait_for_sessions(self, number: int) -> None:
        """Return once this number of sessions is left."""
        wait_until(lambda: self.count("true") == number)


@pytest.fixture
def observer(redshift_endpoint: RedshiftEndpoint, empty_warehouse: Warehouse) -> Observer:
    """The sessions on the empty warehouse, as PostgreSQL sees them."""
    return Observer(redshift_endpoint, empty_warehouse.database)
