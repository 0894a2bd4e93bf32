"""The boards are asked with the role mart_reader, as by Grafana: what the role may not read fails here too."""

import pytest
from redshift_connector.error import Error

from cafe.dashboards.boards import Format, WarehouseTarget
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.answers import answer
from cafe.warehouse.mart_reader import temporary_reader
from fixtures.trading import SessionWarehouse, Trading
from fixtures.warehouse import Warehouse
from load.schema import migrate
from load.warehouse import RedshiftSession


def test_a_board_that_reads_a_table_fails_as_in_grafana(trading: Trading) -> None:
    target = WarehouseTarget("A", "select branches.branch_name from core.branches as branches", Format.TABLE)

    with pytest.raises(Error, match="permission denied"):
        answer(target, trading.warehouse, Period.before(trading.now, "now-30d"), {})


def test_a_board_whose_mart_is_not_granted_fails_as_in_grafana(empty_warehouse: Warehouse) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    migrate(session)
    administrator = SessionWarehouse(empty_warehouse)
    administrator.query("create view mart.forgotten as select branches.branch_name from core.branches as branches")

    with temporary_reader(lambda: administrator) as reader:
        asked = SessionWarehouse(empty_warehouse, reader.username, reader.password)
        assert asked.query("select count(*) from mart.cafe_freshness").rows == [(0,)]
        with pytest.raises(Error, match="permission denied"):
            asked.query("select count(*) from mart.forgotten")


def test_the_reader_is_gone_afterwards(empty_warehouse: Warehouse) -> None:
    migrate(RedshiftSession(empty_warehouse.connect()))
    administrator = SessionWarehouse(empty_warehouse)

    with temporary_reader(lambda: administrator) as reader:
        pass

    with pytest.raises(Error, match="does not exist"):
        administrator.query(f"drop user {reader.username}")
