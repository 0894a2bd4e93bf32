"""The committed sample files can be generated again, byte by byte, and show all kinds of files."""

from pathlib import Path

from cafe.generate.dialects import Feed, Layout, RoundTrip
from cafe.generate.expectation import expect
from cafe.generate.samples import ORDERS, night, write_night

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
