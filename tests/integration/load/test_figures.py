"""The figures of the morning mail, from the real marts and tables. The warehouse's clock decides what is expected."""

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest

from cafe.generate.history import yesterday
from integration.load.conftest import Loader
from integration.load.test_measures import sell
from load.figures import query_figures
from load.morning import CafeDay, Figures, Morning, RefusedFiles, RefusedRows, write_mail


def now() -> datetime:
    """Return the moment by the warehouse's clock."""
    return datetime.now(UTC)


def figures_of(loader: Loader) -> Figures:
    return query_figures(loader.session, yesterday(now()), now() - timedelta(days=1))


def record(
    loader: Loader,
    name: str,
    outcome: str,
    *,
    reason: str = "",
    hours_ago: float = 1,
    document: str = "",
    sender: str = "leeds",
    rejects: tuple[str, ...] = (),
) -> None:
    """Write a file's row of the ledger, and its rejects."""
    loader.session.execute(
        "insert into ops.files (file_id, plan_id, source_bucket, source_key, document, sender, version_id,"
        " last_modified, size_bytes, outcome, reason, detail, dialect, is_live, parts, lines_in, order_lines,"
        " continuation_lines, header_lines, blank_lines, rejected_lines, rows_in, rows_loaded, rows_duplicate,"
        " rows_superseded, rows_rejected, amount_accepted, amount_loaded, amount_duplicate, recorded_at)"
        " values (%s, 'v2', 'drop', %s, %s, %s, 'v', %s, 0, %s, %s, '', '', %s,"
        " 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, %s)",
        (
            name.ljust(32, "0"),
            name,
            document or name,
            sender,
            f"{now():%Y-%m-%d %H:%M:%S}",
            outcome,
            reason,
            outcome == "loaded",
            f"{now() - timedelta(hours=hours_ago):%Y-%m-%d %H:%M:%S}",
        ),
    )
    for line, rule in enumerate(rejects):
        loader.session.execute(
            "insert into ops.rejects values (%s, %s, 'extract', %s, '')", (name.ljust(32, "0"), line, rule)
        )
    loader.session.commit()


def test_an_empty_warehouse_has_none(loader: Loader) -> None:
    assert figures_of(loader) == Figures((), (), ())


def test_each_cafe_has_its_day_and_the_same_weekday_of_four_weeks_before(loader: Loader) -> None:
    # An order is two pounds. Other weekdays, today and the fifth week before do not count.
    sell(loader, "York", 1, 8, 15, 22, 29, 2, 3, 0, 36)
    sell(loader, "Leeds", 8, 22, 29)
    sell(loader, "Bath", 1, 8, 15)
    sell(loader, "Hull", 2, 9)

    assert figures_of(loader).cafes == (
        CafeDay("Bath", 1, 200, 2, 400, None),
        CafeDay("Leeds", 0, 0, 3, 600, 1),
        CafeDay("York", 1, 200, 4, 800, 1),
    )


def test_refunds_and_pennies_are_added_up_exactly(loader: Loader) -> None:
    sell(loader, "Leeds", 1)
    for number, amount in enumerate((Decimal("0.10"), Decimal("0.20"), Decimal("-5.35"))):
        loader.session.execute(
            "insert into core.orders values (%s, %s, %s, 'CASH', %s)",
            (f"{number}".ljust(32, "f"), sum(b"Leeds"), f"{yesterday(now())} 09:00:00", amount),
        )
    loader.session.commit()

    assert figures_of(loader).cafes == (CafeDay("Leeds", 4, -305, 0, 0, None),)


@pytest.mark.parametrize("hour", ["00:00:00", "23:59:59"])
def test_a_day_lasts_from_midnight_to_midnight(loader: Loader, hour: str) -> None:
    sell(loader, "Leeds", 9)
    loader.session.execute(
        "insert into core.orders values (%s, %s, %s, 'CASH', 3)",
        ("1" * 32, sum(b"Leeds"), f"{yesterday(now())} {hour}"),
    )
    loader.session.commit()

    assert [(cafe.orders, cafe.pence) for cafe in figures_of(loader).cafes] == [(1, 300)]


@pytest.mark.parametrize("seed", range(3))
def test_the_mail_and_the_boards_name_the_same_best_and_worst_cafe_with_the_same_change(
    loader: Loader, seed: int
) -> None:
    """Each computes it in a statement of its own. Some cafés are closed on a day or two, so some are not compared."""
    chance = Random(seed)
    for cafe in range(1, 10):
        loader.session.execute("insert into core.branches values (%s, %s)", (cafe, f"Café {cafe}"))
        for ago in (day for day in (1, 8, 15, 22, 29) if chance.random() < 0.8):
            moment = datetime.combine(yesterday(now()) - timedelta(days=ago - 1), time(9))
            loader.session.execute(
                "insert into core.orders values (%s, %s, %s, 'CASH', %s)",
                (f"{cafe}-{ago}".ljust(32, "0"), cafe, f"{moment}", Decimal(chance.randint(1, 999)).scaleb(-2)),
            )
    loader.session.commit()
    [(best, best_change, worst, worst_change, compared)] = loader.rows(
        "select best_cafe, best_change, worst_cafe, worst_change, cafes_compared from mart.best_and_worst_cafes"  # noqa: S608
        f" where day = '{yesterday(now())}'"
    )

    mail = write_mail(Morning(yesterday(now()), {}, figures_of(loader))).text

    assert 1 < compared < 9
    said = re.findall(
        r"^(?:Best|Worst): (.+), £.*, (?:([\d,.]+) % (more|less) than|as much as) usual\.$", mail, re.MULTILINE
    )
    assert [cafe for cafe, _, _ in said] == [best, worst]
    changes = [float(f"{'-' if side == 'less' else ''}{share or 0}") for _, share, side in said]
    assert changes == pytest.approx([100 * best_change, 100 * worst_change], abs=0.051)


def test_what_was_refused_since_a_moment_is_counted_by_sender_and_reason(loader: Loader) -> None:
    record(loader, "a", "rejected", reason="not_utf8")
    record(loader, "b", "rejected", reason="not_utf8")
    record(loader, "c", "failed", reason="not_copied", sender="york")
    record(loader, "old", "rejected", reason="not_utf8", hours_ago=25)
    record(loader, "held", "held", reason="removes_much", hours_ago=999, sender="head-office")
    record(loader, "good", "loaded", rejects=("invalid_time", "total_mismatch", "total_mismatch"))
    record(loader, "whole", "rejected", reason="no_row_accepted", rejects=("invalid_time",), sender="york")

    found = figures_of(loader)

    assert set(found.files) == {
        RefusedFiles("leeds", "rejected", "not_utf8", 2),
        RefusedFiles("york", "failed", "not_copied", 1),
        RefusedFiles("york", "rejected", "no_row_accepted", 1),
        RefusedFiles("head-office", "held", "removes_much", 1),
    }
    assert found.rows == (RefusedRows("leeds", "total_mismatch", 2), RefusedRows("leeds", "invalid_time", 1))


def test_a_later_version_that_loaded_settles_an_older_one(loader: Loader) -> None:
    record(loader, "a", "rejected", reason="not_utf8", document="leeds.csv", hours_ago=2)
    record(loader, "b", "loaded", document="leeds.csv", sender="head-office")

    assert figures_of(loader).files == ()
