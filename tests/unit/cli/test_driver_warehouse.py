"""The driver adapter: verified TLS, bound parameters, and the server's own message when it refuses."""

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redshift_connector
from redshift_connector.core import Connection
from redshift_connector.error import InterfaceError, OperationalError, ProgrammingError

from cafe.warehouse.driver import Credentials, DriverWarehouse
from cafe.warehouse.port import Column, MissingRelation, WarehouseError

CA_FILE = Path("/stack/ca.pem")


@dataclass
class FakeServer:
    """Replaces redshift_connector: records the connections and the statements."""

    error: Exception | None = None
    description: list[tuple[Any, ...]] | None = None
    rows: list[list[Any]] = field(default_factory=list)
    connections: list[dict[str, Any]] = field(default_factory=list)
    trusted: list[str | None] = field(default_factory=list)
    asked: list[tuple[str, Any, str]] = field(default_factory=list)
    autocommit: bool = False
    paramstyle: str = ""

    def connect(self, **settings: Any) -> "FakeServer":
        self.connections.append(settings)
        self.trusted.append(os.environ.get("SSL_CERT_FILE"))
        return self

    def cursor(self) -> "FakeServer":
        return self

    def execute(self, sql: str, parameters: Any) -> None:
        self.asked.append((sql, parameters, self.paramstyle))
        if self.error:
            raise self.error

    def fetchall(self) -> list[list[Any]]:
        return self.rows


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    fake = FakeServer()
    monkeypatch.setattr(redshift_connector, "connect", fake.connect)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    return fake


@pytest.fixture
def warehouse() -> DriverWarehouse:
    return DriverWarehouse(
        host="localhost", port=5439, database="cafe", credentials=Credentials("cafe_admin", "secret"), ca_file=CA_FILE
    )


def test_ctrl_c_while_connecting_is_not_lost_in_the_driver(
    server: FakeServer, warehouse: DriverWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    def connect(**settings: Any) -> FakeServer:
        os_version: property = vars(Connection)["client_os_version"]
        assert os_version.fget is not None
        os_version.fget(None)
        return server.connect(**settings)

    monkeypatch.setattr(redshift_connector, "connect", connect)
    monkeypatch.setattr(platform, "platform", interrupted)

    with pytest.raises(KeyboardInterrupt):
        warehouse.query("select 1")

    assert server.connections == []


def test_the_connection_verifies_the_server_against_the_stacks_authority(
    server: FakeServer, warehouse: DriverWarehouse
) -> None:
    warehouse.query("select 1")

    assert server.connections[0]["sslmode"] == "verify-full"
    assert server.connections[0]["ssl"] is True
    assert server.trusted == [str(CA_FILE)]
    assert "SSL_CERT_FILE" not in os.environ
    assert server.autocommit


@pytest.mark.usefixtures("server")
def test_the_users_own_certificate_authority_is_restored(
    warehouse: DriverWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/own/ca.pem")

    warehouse.query("select 1")

    assert os.environ["SSL_CERT_FILE"] == "/own/ca.pem"


def test_one_connection_serves_many_statements(server: FakeServer, warehouse: DriverWarehouse) -> None:
    warehouse.query("select 1")
    warehouse.query("select 2")

    assert len(server.connections) == 1


def test_columns_have_redshifts_type_names(server: FakeServer, warehouse: DriverWarehouse) -> None:
    server.description = [(b"orders", 20), ("total", 1700), ("strange", 99999)]
    server.rows = [[1, 2, "x"]]

    result = warehouse.query("select 1")

    assert result.columns == (Column("orders", "int8"), Column("total", "numeric"), Column("strange", "varchar"))
    assert result.rows == [(1, 2, "x")]


def test_parameters_are_bound_by_name(server: FakeServer, warehouse: DriverWarehouse) -> None:
    warehouse.query("select :file", {"file": "o'brien.csv"})

    assert server.asked == [("select :file", {"file": "o'brien.csv"}, "named")]


def test_a_statement_without_parameters_is_sent_unchanged(server: FakeServer, warehouse: DriverWarehouse) -> None:
    sql = "select '100%', total::float from core.orders"

    warehouse.query(sql)

    assert server.asked == [(sql, (), "qmark")]


def test_an_error_has_the_servers_detail_and_hint(server: FakeServer, warehouse: DriverWarehouse) -> None:
    server.error = ProgrammingError({"S": "ERROR", "C": "42601", "M": "syntax error", "D": "at 1", "H": "Try select"})

    with pytest.raises(WarehouseError) as raised:
        warehouse.query("selec 1")

    assert raised.value.message == "syntax error. at 1"
    assert raised.value.remedy == "Try select"


def test_a_missing_table_is_an_error_of_its_own(server: FakeServer, warehouse: DriverWarehouse) -> None:
    server.error = ProgrammingError({"M": 'relation "ops.files" does not exist'})

    with pytest.raises(MissingRelation):
        warehouse.query("select * from ops.files")


def test_after_a_lost_connection_the_next_statement_connects_again(
    server: FakeServer, warehouse: DriverWarehouse
) -> None:
    server.error = InterfaceError("network error")
    with pytest.raises(WarehouseError, match="connection to the warehouse was lost"):
        warehouse.query("select 1")
    server.error = None

    warehouse.query("select 1")

    assert len(server.connections) == 2


@pytest.mark.parametrize(
    "error", [InterfaceError("Server refuses SSL"), OperationalError("no"), ConnectionRefusedError("refused")]
)
def test_the_remedy_for_an_unreachable_warehouse_is_cafe_up(
    warehouse: DriverWarehouse, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(**_settings: Any) -> None:
        raise error

    monkeypatch.setattr(redshift_connector, "connect", refuse)

    with pytest.raises(WarehouseError, match=r"localhost:5439.*Check with `cafe status`"):
        warehouse.query("select 1")


def test_credentials_come_from_the_secret_and_are_not_shown() -> None:
    credentials = Credentials.from_secret('{"username": "cafe_admin", "password": "hush"}')

    assert (credentials.username, credentials.password) == ("cafe_admin", "hush")
    assert "hush" not in repr(credentials)


def test_it_sends_what_the_data_api_gets(server: FakeServer, warehouse: DriverWarehouse) -> None:
    warehouse.query("-- :file is a file\nselect 1")

    assert server.asked == [("select 1", (), "qmark")]


def test_an_empty_parameter_is_refused_as_on_aws(server: FakeServer, warehouse: DriverWarehouse) -> None:
    with pytest.raises(WarehouseError, match="The value of file is empty"):
        warehouse.query("select :file", {"file": ""})

    assert server.asked == []
