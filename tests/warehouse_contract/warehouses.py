"""The warehouse that the contract is checked on: the local Redshift, or one that the environment names."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

REDSHIFT_VARIABLES = (
    "CAFE_CONTRACT_HOST",
    "CAFE_CONTRACT_PORT",
    "CAFE_CONTRACT_DATABASE",
    "CAFE_CONTRACT_USER",
    "CAFE_CONTRACT_PASSWORD",
)
COPY_VARIABLES = ("CAFE_CONTRACT_BUCKET", "CAFE_CONTRACT_ROLE")


@dataclass(frozen=True)
class RedshiftAddress:
    """A real Redshift to check the contract on; `bucket` and `role` are for COPY, and empty without it."""

    host: str
    port: int
    database: str
    user: str
    password: str
    bucket: str
    role: str


def redshift_address(environment: Mapping[str, str] = os.environ) -> RedshiftAddress | None:
    """Read which Redshift to use; None: the local Redshift. Raises ValueError when only some variables are set."""
    given = [name for name in REDSHIFT_VARIABLES if environment.get(name)]
    if not given:
        return None
    missing = [name for name in REDSHIFT_VARIABLES if name not in given]
    if missing:
        raise ValueError(f"set these variables too, or none of them: {', '.join(missing)}")
    host, port, database, user, password = (environment[name] for name in REDSHIFT_VARIABLES)
    bucket, role = (environment.get(name, "") for name in COPY_VARIABLES)
    return RedshiftAddress(host, int(port), database, user, password, bucket, role)
