"""A batch with one bad item loads the others and names the bad one."""

from collections.abc import Sequence

import pytest

from load.batches import load_in_halves
from load.rules import StagedRowsDiffer
from load.warehouse import StatementFailed, WarehouseUnavailable, may_be_one_files_fault


class BadItem(Exception):
    """What a bad item raises."""


class Loads:
    """A load that keeps all of a batch or, if a bad item is in it, nothing."""

    def __init__(self, bad: set[int]) -> None:
        self.kept: list[int] = []
        self.calls = 0
        self._bad = bad

    def __call__(self, items: Sequence[int]) -> None:
        self.calls += 1
        if self._bad & set(items):
            raise BadItem
        self.kept += items


@pytest.mark.parametrize("bad", [set(), {0}, {9}, {4, 5}, set(range(10))], ids=str)
def test_all_but_the_bad_ones_load_once_and_each_bad_one_fails_alone(bad: set[int]) -> None:
    loads = Loads(bad)

    failures = load_in_halves(range(10), loads, lambda _: True)

    assert [failure.items for failure in failures] == [(item,) for item in sorted(bad)]
    assert all(isinstance(failure.error, BadItem) for failure in failures)
    assert loads.kept == [item for item in range(10) if item not in bad]


@pytest.mark.parametrize("at", range(10))
def test_one_bad_item_of_ten_costs_nine_loads_at_most(at: int) -> None:
    loads = Loads({at})

    load_in_halves(range(10), loads, lambda _: True)

    assert loads.calls <= 9


def test_a_batch_that_is_not_worth_halving_fails_whole_at_the_first_load() -> None:
    loads = Loads({3})

    (failure,) = load_in_halves(range(10), loads, lambda _: False)

    assert (failure.items, loads.calls) == (tuple(range(10)), 1)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StatementFailed("XX000", "Load into table 'stage_orders' failed.", was_copying=True), True),
        (StatementFailed("22001", "value too long for type character varying(120)"), True),
        (StagedRowsDiffer("order items", 1, 2), True),
        (ValueError("an unexpected one"), True),
        (StatementFailed("XX000", "1023", was_copying=True), False),
        (StatementFailed("XX000", "could not open relation with OID 7710234", was_copying=True), False),
        (StatementFailed("XX000", "User a is not authorized to assume IAM Role b", was_copying=True), False),
        (StatementFailed("XX000", "could not complete because of conflict with concurrent transaction"), False),
        (StatementFailed("XX000", "This type of correlated subquery pattern is not supported"), False),
        (StatementFailed("0A000", "a feature is not supported by Amazon Redshift"), False),
        (StatementFailed("3F000", "schema does not exist"), False),
        (StatementFailed("40P01", "deadlock detected"), False),
        (StatementFailed("57014", "Query (7710234) canceled on user's request"), False),
        (StatementFailed("53100", "disk full"), False),
        (WarehouseUnavailable("committing", "BrokenPipeError"), False),
    ],
    ids=lambda value: str(value)[:40],
)
def test_only_an_error_that_a_file_may_have_caused_is_worth_halving(error: Exception, expected: bool) -> None:
    assert may_be_one_files_fault(error) is expected
