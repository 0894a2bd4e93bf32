"""Invented files end with yesterday, so a warehouse that holds only them is healthy at any hour of the day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from cafe.answers.tonight import night_of, tonight_of
from cafe.generate.dialects import Feed
from cafe.generate.history import BranchDay, branch_day_orders, plan, yesterday
from cafe.local.postgres import PostgresServer
from cafe.warehouse.sql import statement as cafe_statement
from integration.load.conftest import Loader
from load.measures import take_measures
from local_redshift.wire.upstream import PostgresAddress, superuser_session
from template.stack import read_source

type TurnClock = Callable[[datetime], None]

STALE_AFTER_HOURS = int(read_source()["Parameters"]["StaleSalesHours"]["Default"])
# In the first second of a day, half of the night is still to come. In the last one, the sales are oldest.
CASES = [
    pytest.param(Feed.B, datetime(2026, 11, 26, tzinfo=UTC), id="feed b, midnight"),
    pytest.param(Feed.B, datetime(2026, 11, 26, 12, tzinfo=UTC), id="feed b, noon"),
    pytest.param(Feed.A, datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), id="feed a, before the first of a month"),
    pytest.param(Feed.B, datetime(2027, 3, 29, 1, 30, tzinfo=UTC), id="feed b, after the clocks went forward"),
]


@pytest.fixture
def turn_clock(loader: Loader, postgres_server: PostgresServer) -> TurnClock:
    """Let the warehouse's clock stand still at a moment."""
    server = postgres_server
    address = PostgresAddress(server.host, server.port, server.superuser, server.password)

    def turn(moment: datetime) -> None:
        with superuser_session(address, loader.warehouse.database) as session:
            session.query(
                "create or replace function pg_catalog.getdate() returns timestamp language sql stable as "
                f"$$ select timestamp '{moment:%Y-%m-%d %H:%M:%S}' $$"
            )

    return turn


@pytest.mark.parametrize(("feed", "now"), CASES)
def test_nothing_is_late_or_missing_at_any_moment(
    loader: Loader, turn_clock: TurnClock, feed: Feed, now: datetime
) -> None:
    sell(loader, plan(feed=feed, seed=1, branches=1 if feed is Feed.A else 3, days=30, until=yesterday(now)))
    turn_clock(now)

    measures = take_measures(loader.session)
    tonight = tonight_of(nights(loader, now), now)

    assert measures["CafesMissing"] == 0
    assert measures["HoursSinceNewestSale"] <= STALE_AFTER_HOURS
    assert tonight.missing == ()
    assert tonight.reported + tonight.awaited == tonight.expected
    # At night and in the morning, the files of yesterday are tonight's.
    assert tonight.reported == (tonight.expected if night_of(now) == yesterday(now) else 0)


def test_files_of_an_earlier_day_are_found_to_be_late(loader: Loader, turn_clock: TurnClock) -> None:
    """What the test above would find if the generator's last day were not yesterday."""
    now = datetime(2026, 11, 26, 9, 0, 0, tzinfo=UTC)
    sell(loader, plan(feed=Feed.B, seed=1, branches=3, days=30, until=date(2026, 11, 20)))
    turn_clock(now)

    measures = take_measures(loader.session)

    assert measures["CafesMissing"] == 3
    assert measures["HoursSinceNewestSale"] > STALE_AFTER_HOURS


def sell(loader: Loader, branch_days: tuple[BranchDay, ...]) -> None:
    """Write the last order of each café's day into the warehouse."""
    cafes = sorted({branch_day.cafe.name for branch_day in branch_days})
    orders = [
        (f"{number:032d}", cafes.index(branch_day.cafe.name), branch_day_orders(branch_day)[-1].ordered_at)
        for number, branch_day in enumerate(branch_days)
    ]
    for branch, name in enumerate(cafes):
        loader.session.execute("insert into core.branches values (%s, %s)", (branch, name))
    for order in orders:
        loader.session.execute("insert into core.orders values (%s, %s, %s, 'CASH', 1.00)", order)
    loader.session.commit()


def nights(loader: Loader, now: datetime) -> list[dict[str, object]]:
    """Run the query of `cafe status`."""
    since = datetime.combine(now.date() - timedelta(days=1), time())
    sql = cafe_statement("cafes_and_nights").replace(":since", f"'{since}'")
    columns = ("cafe", "last_sale_at", "day", "usual_orders", "orders", "is_due")
    return [dict(zip(columns, row, strict=True)) for row in loader.rows(sql)]
