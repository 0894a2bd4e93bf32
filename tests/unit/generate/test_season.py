"""The sales in the preview: complete except for the planned gaps, and the same on any machine."""

from collections import Counter
from datetime import date, timedelta

import pytest

from cafe.generate.dialects import Layout
from cafe.generate.expectation import BranchFile, expect
from cafe.generate.season import DAYS, season

LAST_DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def keyed() -> list[tuple[str, BranchFile]]:
    return list(season(LAST_DAY, share=30))


@pytest.fixture(scope="module")
def files(keyed: list[tuple[str, BranchFile]]) -> dict[str, BranchFile]:
    return dict(keyed)


def days_of(files: dict[str, BranchFile], cafe: str) -> set[date]:
    return {order.ordered_at.date() for file in files.values() for order in file.orders if order.branch == cafe}


def test_every_file_has_a_different_key(keyed: list[tuple[str, BranchFile]], files: dict[str, BranchFile]) -> None:
    assert len(files) == len(keyed)


def test_nineteen_cafes_sell_on_every_day_except_three_missing_nights(files: dict[str, BranchFile]) -> None:
    whole = {LAST_DAY - timedelta(days=ago) for ago in range(DAYS)}
    cafes = {order.branch for file in files.values() for order in file.orders} - {"Epsom"}

    missing = {cafe: whole - days_of(files, cafe) for cafe in cafes}

    assert len(cafes) == 19
    assert {cafe: days for cafe, days in missing.items() if days} == {
        "Sheffield": {LAST_DAY},
        "Newcastle upon Tyne": {LAST_DAY},
        "Birmingham": {LAST_DAY - timedelta(days=7)},
    }


def test_there_are_broken_rows_and_one_file_of_another_system(files: dict[str, BranchFile]) -> None:
    assert expect(files.values()).rejected > 0
    assert [key for key, file in files.items() if file.dialect.layout is Layout.FOREIGN] == [
        "2026/11/24/epsom_24-11-2026_09-00-00.csv"
    ]


def test_a_price_rises_in_all_cafes_on_one_day(files: dict[str, BranchFile]) -> None:
    prices: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for file in files.values():
        for order in file.orders:
            dearer = order.ordered_at.date() > LAST_DAY - timedelta(days=24)
            prices[dearer].update(
                item.pence for item in order.items if (item.name, item.size) == ("Chai latte", "Large")
            )

    assert set(prices[False]) == {260}
    assert set(prices[True]) == {275}


def test_the_same_day_gives_the_same_season() -> None:
    one, other = ([(key, file.orders) for key, file in season(LAST_DAY, days=14, share=30)] for _ in range(2))

    assert one == other
