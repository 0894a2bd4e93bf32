"""What the scheduled check measures: cafés that are due and have not reported, and the age of the newest sale."""

from datetime import UTC, datetime, timedelta

from integration.load.conftest import Loader
from load.measures import take_measures
from load.statements import measure_names


def sell(loader: Loader, cafe: str, *days_ago: int) -> None:
    """Let a café sell something at noon on some days before today."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    branch = sum(cafe.encode())
    loader.session.execute("delete from core.branches where branch_id = %s", (branch,))
    loader.session.execute("insert into core.branches (branch_id, branch_name) values (%s, %s)", (branch, cafe))
    for days in days_ago:
        loader.session.execute(
            "insert into core.orders values (%s, %s, %s, 'CASH', 2)",
            (f"{branch:016d}{days:016d}", branch, noon - timedelta(days=days)),
        )
    loader.session.commit()


def test_an_empty_warehouse_has_no_missing_cafe_and_no_newest_sale(loader: Loader) -> None:
    assert take_measures(loader.session) == {"CafesMissing": 0, "FilesHeld": 0}


def test_a_cafe_with_a_history_that_sent_nothing_is_missing_until_it_does(loader: Loader) -> None:
    sell(loader, "Leeds", 8, 15, 22, 29)
    sell(loader, "York", 1, 8, 15, 22, 29)

    assert take_measures(loader.session)["CafesMissing"] == 1

    sell(loader, "Leeds", 1)

    assert take_measures(loader.session)["CafesMissing"] == 0


def test_a_cafe_that_was_missing_the_day_before_yesterday_is_not_counted(loader: Loader) -> None:
    sell(loader, "Leeds", 9, 16, 23, 30)

    assert take_measures(loader.session)["CafesMissing"] == 0


def test_the_newest_sale_is_the_freshest_cafes(loader: Loader) -> None:
    sell(loader, "Leeds", 40)
    sell(loader, "York", 3)

    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    hours = (datetime.now(UTC) - noon + timedelta(days=3)).total_seconds() / 3600
    assert abs(take_measures(loader.session)["HoursSinceNewestSale"] - hours) <= 1


def test_each_measure_is_a_metric_of_its_name(loader: Loader) -> None:
    sell(loader, "Leeds", 1)

    assert len(take_measures(loader.session)) == len(measure_names())
