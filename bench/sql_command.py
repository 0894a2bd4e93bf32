"""Run `cafe` in this process on the warehouse of a benchmark, and write its time and peak memory to standard error."""

import json
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import redshift_connector

from bench.marts import ADMINISTRATOR, DATABASE, PASSWORD
from bench.peak import peak_bytes
from cafe.cli import app
from cafe.warehouse.driver import Credentials, DriverWarehouse


@dataclass(frozen=True, slots=True)
class BenchEnvironment:
    """The environment of a benchmark: a warehouse without TLS, and nothing else."""

    host: str
    port: int

    def warehouse(self) -> DriverWarehouse:
        """See `Environment.warehouse`."""
        return DriverWarehouse(
            host=self.host,
            port=self.port,
            database=DATABASE,
            credentials=Credentials(ADMINISTRATOR, PASSWORD),
            ca_file=Path("unused"),
        )


def main(host: str, port: int, arguments: list[str]) -> None:
    """Run the command line once."""
    connect = redshift_connector.connect
    environment = BenchEnvironment(host, port)
    with (
        patch("cafe.commands.sql.open_environment", lambda _name: environment),
        patch("redshift_connector.connect", lambda **named: connect(**named | {"ssl": False, "sslmode": "disable"})),
        patch("cafe.warehouse.driver._trusting", lambda _ca_file: nullcontext()),
    ):
        started = time.perf_counter()
        try:
            app(arguments)
        except SystemExit as ended:
            # The command line always ends so.
            if ended.code:
                raise
    measured = {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(time.process_time(), 1),
        "peak_bytes": peak_bytes(),
    }
    sys.stderr.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
