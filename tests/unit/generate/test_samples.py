"""The committed sample files can be generated again, byte by byte, and show all kinds of files.

On any other day, the night has the same sales with that day's date: the demo's figures are the same on every day.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from cafe.generate.dialects import Feed, Layout, RoundTrip
from cafe.generate.expectation import expect
from cafe.generate.history import yesterday
from cafe.generate.rendering import render
from cafe.generate.samples import NIGHT, ORDERS, night, write_night
from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from shared.contracts import ExtractedPart, TransformedPart
from transform.stage import transform_part

COMMITTED = Path(__file__).parents[3] / "samples" / "night"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_committed_samples_are_what_the_generator_writes(tmp_path: Path) -> None:
    written = write_night(tmp_path)

    again, committed = contents(tmp_path), contents(COMMITTED)
    assert sorted(again) == sorted(committed)
    assert [key for key in again if again[key] != committed[key]] == []
    assert written.rows == ORDERS


def test_the_samples_stay_below_two_megabytes() -> None:
    assert sum(map(len, contents(COMMITTED).values())) < 2_000_000


def test_the_night_shows_both_feeds_and_what_happens_to_files() -> None:
    files = dict(night())

    dialects = [file.dialect for file in files.values()]
    assert len({order.branch for file in files.values() for order in file.orders}) == 20
    assert [dialect.feed for dialect in dialects].count(Feed.A) == 1
    assert {dialect.round_trip for dialect in dialects} == set(RoundTrip)
    assert {dialect.layout for dialect in dialects} == set(Layout)
    assert all(key.startswith("2026/11/20/") for key in files)


def test_all_rows_of_the_night_load_except_eleven_and_one_file() -> None:
    files = dict(night())

    expectation = expect(files.values())

    assert expectation.rejected == 11
    assert len(expectation.branches) == 19
    assert expectation.total.orders == ORDERS - 11 - len(files["2026/11/20/epsom_20-11-2026_09-00-00.csv"].orders)


MOMENTS = [
    pytest.param(datetime(2026, 11, 21, tzinfo=UTC), id="the morning after the committed samples"),
    pytest.param(datetime(2026, 11, 26, 23, 59, 59, tzinfo=UTC), id="before midnight"),
    pytest.param(datetime(2026, 12, 1, tzinfo=UTC), id="the first of a month"),
    pytest.param(datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC), id="New Year"),
    pytest.param(datetime(2027, 1, 13, 9, tzinfo=UTC), id="a day whose month-first date is a real day"),
    pytest.param(datetime(2027, 3, 29, 1, tzinfo=UTC), id="after the clocks went forward"),
    pytest.param(datetime(2027, 11, 1, 6, tzinfo=UTC), id="after the clocks went back"),
    pytest.param(datetime(2028, 2, 29, 12, tzinfo=UTC), id="a leap day"),
    pytest.param(datetime(2028, 3, 1, 12, tzinfo=UTC), id="after a leap day"),
]


@pytest.mark.parametrize("now", MOMENTS)
def test_the_demos_figures_are_the_same_at_any_moment(now: datetime) -> None:
    day = yesterday(now)

    orders, pence, rules, reasons, dates = loaded(day, now)

    assert (orders, pence) == (6_120, 3_214_445)
    assert rules == ELEVEN_REJECTS
    assert reasons == {"unknown_dialect"}
    assert dates == {day}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 6, 1, 3, tzinfo=timezone(timedelta(hours=14))), date(2027, 5, 30)),
        (datetime(2027, 6, 1, 20, tzinfo=timezone(timedelta(hours=-11))), date(2027, 6, 1)),
    ],
    ids=["far east, where the next day has begun", "far west, where the last day lasts"],
)
def test_yesterday_is_counted_in_utc_as_the_warehouse_counts(now: datetime, expected: date) -> None:
    assert yesterday(now) == expected


# By rule, as the README shows them.
ELEVEN_REJECTS = {
    "item_without_price": 2,
    "items_not_separated": 2,
    "total_mismatch": 1,
    "bad_timestamp": 2,
    "bad_payment": 1,
    "wrong_cell_count": 2,
    "refund_not_supported": 1,
}


def loaded(day: date, now: datetime) -> tuple[int, int, Counter[str], set[str], set[date]]:
    """Extract and transform the night of a day, dropped at a moment: orders, pence, rejects, reasons, days of sales."""
    files = {key: b"".join(render(file.orders, file.dialect, file.faults)) for key, file in night(day)}
    objects, extracted, transformed = FakeObjects(files, written_at=now.astimezone(UTC)), FakeOutbox(), FakeOutbox()
    rules: Counter[str] = Counter()
    for key in files:
        rules.update(extract_file(arrival_of(key), objects, extracted).rejects_by_rule)
    for part in extracted.sent:
        assert isinstance(part, ExtractedPart)
        rules.update(transform_part(part, objects, transformed, may_carry=False).rejects_by_rule)
    parts = [part for part in transformed.sent if isinstance(part, TransformedPart)]
    dates = {
        date.fromisoformat(line.split(",")[3][:10])
        for key in objects.staged
        if key.endswith("/orders.csv.gz")
        for line in objects.text(key).splitlines()
    }
    reasons = {part.file.reason for part in parts if part.file.reason}
    return sum(part.orders for part in parts), sum(part.pence for part in parts), rules, reasons, dates


def test_the_committed_day_is_what_the_night_is_without_a_day() -> None:
    assert list(night()) == list(night(NIGHT))
