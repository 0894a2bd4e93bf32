"""The statements of `cafe status` and `cafe trace`, on the local Redshift endpoint, with data written by hand."""

from datetime import UTC, datetime, time, timedelta

import pytest

from cafe.answers.tonight import query_tonight
from cafe.warehouse.checks import find_faulty_marts, last_check_run
from cafe.warehouse.driver import DriverWarehouse
from cafe.warehouse.ledger import Ledger
from fixtures.warehouse import Warehouse
from integration.cli.conftest import record_file
from load.checks import CheckResult, record_run
from load.marts import FaultyMart
from load.schema import migrate
from load.warehouse import RedshiftSession

LEEDS, YORK = 1, 2
KEY = "2026/11/24/leeds.csv"


def now() -> datetime:
    """Return today's noon: the warehouse's clock decides what is due, and noon is far from both midnights."""
    return datetime.now(UTC).replace(hour=12, minute=30, second=0, microsecond=0)


def yesterday() -> datetime:
    """Return when yesterday began."""
    return datetime.combine(now().date() - timedelta(days=1), time())


@pytest.fixture
def warehouse(asked: DriverWarehouse, empty_warehouse: Warehouse) -> DriverWarehouse:
    """A warehouse in which Leeds and York have sold on yesterday's weekday for four weeks."""
    migrate(RedshiftSession(empty_warehouse.connect()))
    for branch, name in ((LEEDS, "Leeds"), (YORK, "York")):
        asked.query("insert into core.branches values (:branch, :name)", {"branch": branch, "name": name})
        for weeks in range(1, 5):
            sell(asked, branch, yesterday() - timedelta(weeks=weeks))
    return asked


def sell(
    asked: DriverWarehouse, branch: int, day: datetime, *, received_after: timedelta = timedelta(hours=21)
) -> None:
    """Write an order at nine, and its file, which S3 received this long after midnight."""
    order, file = f"{branch}{day:%Y%m%d}".ljust(32, "0"), f"{branch}{day:%Y%m%d}".ljust(32, "f")
    asked.query(
        "insert into core.orders (order_id, branch_id, ordered_at, payment, total_amount)"
        " values (:o, :b, cast(:at as timestamp), 'CARD', 2.45)",
        {"o": order, "b": branch, "at": f"{day + timedelta(hours=9)}"},
    )
    asked.query(
        "insert into ops.file_days values (:f, :b, cast(:day as timestamp), 1)",
        {"f": file, "b": branch, "day": f"{day}"},
    )
    record_file(asked, file, key=f"{branch}/{day:%Y-%m-%d}.csv", version="v1", recorded_at=day + received_after)


def test_a_cafe_that_has_not_reported_yesterday_is_missing_with_its_usual_time(warehouse: DriverWarehouse) -> None:
    sell(warehouse, LEEDS, yesterday())
    sell(warehouse, YORK, yesterday() - timedelta(days=3), received_after=timedelta(hours=22))

    tonight = query_tonight(warehouse, now() - timedelta(hours=1))

    assert (tonight.night, tonight.expected, tonight.reported) == (yesterday().date(), 2, 1)
    assert tonight.newest_sale_at == yesterday() + timedelta(hours=9)
    (york,) = tonight.missing
    assert (york.cafe, york.day, york.usual_orders) == ("York", yesterday().date(), 1)
    assert york.last_sale_at == yesterday() - timedelta(days=3) + timedelta(hours=9)
    # The mean of two weeks ago and one, at 21:00, and of three days ago, at 22:00; four weeks ago is too long.
    assert york.usually_in == "21:20"


def test_all_are_in(warehouse: DriverWarehouse) -> None:
    sell(warehouse, LEEDS, yesterday())
    sell(warehouse, YORK, yesterday())

    tonight = query_tonight(warehouse, now() - timedelta(hours=1))

    assert (tonight.expected, tonight.reported, tonight.missing) == (2, 2, ())


def test_a_day_that_came_much_later_is_not_usual(warehouse: DriverWarehouse) -> None:
    sell(warehouse, YORK, yesterday() - timedelta(days=2), received_after=timedelta(hours=40))

    (leeds, york) = query_tonight(warehouse, now() - timedelta(hours=1)).missing

    assert (leeds.usually_in, york.usually_in) == ("21:00", "21:00")


@pytest.mark.parametrize("name", [KEY, "leeds.csv", "a" * 32], ids=["key", "end of a key", "file id"])
def test_all_versions_of_a_file_are_found_the_newest_first(warehouse: DriverWarehouse, name: str) -> None:
    for file_id, order in (("a" * 32, "1"), ("b" * 32, "2")):
        record_file(warehouse, file_id, key=KEY, version=order, recorded_at=yesterday(), version_order=order)
    record_file(warehouse, "c" * 32, key="2026/11/24/york.csv", version="v1", recorded_at=yesterday())

    found = Ledger(warehouse).of_file(name)

    assert [entry.file_id for entry in found] == ["b" * 32, "a" * 32]
    assert found[0].replaced_by == ""
    assert found[0].recorded_at == yesterday().replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["nowhere.csv", "%.csv", "' or 1 = 1 --"])
def test_a_name_that_no_key_ends_with_finds_nothing(warehouse: DriverWarehouse, name: str) -> None:
    record_file(warehouse, "a" * 32, key=KEY, version="v1", recorded_at=yesterday())

    assert Ledger(warehouse).of_file(name) == []


def test_the_newest_run_of_the_checks_is_read_with_the_files_that_came_since(
    warehouse: DriverWarehouse, empty_warehouse: Warehouse
) -> None:
    session = RedshiftSession(empty_warehouse.connect())
    assert last_check_run(warehouse) is None
    files = int(str(warehouse.query("select count(*) from ops.files").rows[0][0]))
    record_run([CheckResult("orders_unique", 1)], files - 2, session)
    record_run([CheckResult("orders_unique", 2), CheckResult("files_unique", 0)], files - 1, session)

    run = last_check_run(warehouse)

    assert run is not None
    assert (run.checks, run.found, run.files_since) == (2, {"orders_unique": 2}, 1)
    assert abs(datetime.now(UTC) - run.checked_at) < timedelta(minutes=5)


def test_marts_that_were_lost_or_replaced_are_seen_without_load(warehouse: DriverWarehouse) -> None:
    assert find_faulty_marts(warehouse) == []

    warehouse.query("drop view mart.nights")
    warehouse.query("drop view mart.reject_summary")
    warehouse.query("create view mart.reject_summary as select 1 as one")

    assert find_faulty_marts(warehouse) == [FaultyMart("nights", "missing"), FaultyMart("reject_summary", "differs")]


def test_before_the_first_migration_nothing_is_known(asked: DriverWarehouse) -> None:
    assert last_check_run(asked) is None
    assert find_faulty_marts(asked) == []


def test_the_parts_at_load_are_counted(warehouse: DriverWarehouse) -> None:
    for part in (1, 3):
        warehouse.query(
            "insert into ops.file_parts (file_id, plan_id, part, parts, message) values (:f, 'v2-r9', :p, 3, '')",
            {"f": "a" * 32, "p": part},
        )

    assert Ledger(warehouse).parts_at_load("a" * 32) == 2
