"""Numbering equal rows, in sorted and unsorted files."""

import random
from collections import Counter

import pytest

from extract.occurrences import OutOfOrder, RowFingerprints, SortedNumbering


def number_sorted(rows: list[tuple[str, str, str]]) -> list[int]:
    numbering = SortedNumbering()
    return [numbering.number(*row) for row in rows]


def number_in_any_order(rows: list[tuple[str, str, str]]) -> list[int]:
    fingerprints = RowFingerprints()
    for row in rows:
        fingerprints.number(*row)
    numbering = fingerprints.numbering()
    return [numbering.number(*row) for row in rows]


def rows_of(times: int, seed: int) -> list[tuple[str, str, str]]:
    rng = random.Random(seed)
    rows = []
    for _ in range(times):
        branch, minute, basket = rng.choice("AB"), f"09:{rng.randrange(60):02d}", rng.choice("xyz")
        rows.append((branch, minute, f"{branch}{minute}{basket}"))
    return sorted(rows)


def test_equal_rows_of_a_minute_are_numbered_from_one() -> None:
    rows = [("A", "09:00", "x"), ("A", "09:00", "y"), ("A", "09:00", "x"), ("A", "09:01", "z")]

    assert number_sorted(rows) == [1, 1, 2, 1]


def test_branches_may_alternate_while_each_is_sorted() -> None:
    rows = [("A", "09:05", "a"), ("B", "09:00", "b"), ("A", "09:05", "a"), ("B", "09:01", "c")]

    assert number_sorted(rows) == [1, 1, 2, 1]


def test_a_row_earlier_than_its_branchs_latest_is_out_of_order() -> None:
    with pytest.raises(OutOfOrder):
        number_sorted([("A", "09:05", "a"), ("A", "09:04", "b")])


@pytest.mark.parametrize("limit", ["REMEMBERED_BRANCHES", "REMEMBERED_ROWS"])
def test_a_sorted_file_that_needs_too_much_memory_is_treated_as_unsorted(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"extract.occurrences.{limit}", 3)
    crowd = [(f"branch {n}", "09:00", f"row {n}") for n in range(5)]
    minute = [("A", "09:00", f"row {n}") for n in range(5)]

    with pytest.raises(OutOfOrder):
        number_sorted(crowd if limit == "REMEMBERED_BRANCHES" else minute)


@pytest.mark.parametrize("seed", range(20))
def test_equal_rows_get_the_same_numbers_in_any_order(seed: int) -> None:
    rows = rows_of(400, seed)
    shuffled = rows.copy()
    random.Random(seed).shuffle(shuffled)

    expected = Counter(zip(rows, number_sorted(rows), strict=True))

    assert Counter(zip(shuffled, number_in_any_order(shuffled), strict=True)) == expected


def test_a_file_of_one_repeated_row_is_numbered_from_one() -> None:
    assert number_in_any_order([("A", "09:00", "x")] * 1000) == list(range(1, 1001))
