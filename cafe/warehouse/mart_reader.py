"""A database user who may read the marts and nothing else, as Grafana's host is one, for the time of a preview."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cafe.warehouse.driver import Credentials
from cafe.warehouse.port import Warehouse

ROLE = "mart_reader"


@contextmanager
def temporary_reader(as_administrator: Callable[[], Warehouse]) -> Iterator[Credentials]:
    """Create a user with the role mart_reader, and drop the user at the end.

    ``as_administrator`` opens the warehouse. It is called again at the end, because the warehouse closes a session that
    is idle for minutes. Only for the local warehouse: Redshift's own users come from IAM. Raises WarehouseError if the
    role is missing.
    """
    name = f"reader_{secrets.token_hex(6)}"
    # Redshift wants both cases and a digit. The text is hexadecimal, so it needs no quoting.
    password = f"Aa1{secrets.token_hex(16)}"
    administrator = as_administrator()
    administrator.query(f"create user {name} password '{password}'")
    try:
        administrator.query(f"grant role {ROLE} to {name}")
        yield Credentials(name, password)
    finally:
        as_administrator().query(f"drop user {name}")
