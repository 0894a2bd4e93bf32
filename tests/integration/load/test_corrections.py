"""The warehouse is the union of the live files, in whatever order their versions came."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from integration.load.conftest import Loader
from load.checks import run_checks
from shared.contracts import TransformedPart
from staging import written_at_minute

KEY = "2026/11/20/leeds.csv"
LATTE = "20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
MOCHA = "20/11/2026 09:01,Leeds,Ben Sample,Large Mocha - 2.70,2.70,CASH,\n"
TEA = "20/11/2026 09:02,Leeds,Cy Example,Speciality Tea - Earl Grey - 1.30,1.3,CASH,\n"
CAKE = "20/11/2026 09:03,Leeds,Di Madeup,Cake - 3.00,3.00,CASH,\n"
NO_SUCH_DAY = "31/11/2026 09:04,Leeds,Ed Invented,Large Latte - 2.45,2.45,CASH,\n"
PRICES = {LATTE: "2.45", MOCHA: "2.70", TEA: "1.30", CAKE: "3.00"}

Version = Callable[..., list[TransformedPart]]


@pytest.fixture
def version(loader: Loader) -> Version:
    """Stage one version of a branch file, written by S3 at a minute of the evening."""

    def stage(minute: int, *rows: str, key: str = KEY, place: int = 0, re_extract: str = "") -> list[TransformedPart]:
        version_id = f"v{minute}" + (f"-{place}" if place else "")
        parts = loader.stage("".join(rows).encode(), key=key, version_id=version_id, re_extract=re_extract)
        return written_at_minute(parts, minute, place)

    return stage


def faults(loader: Loader) -> dict[str, int]:
    return {result.name: result.faults for result in run_checks(loader.session) if result.faults}


def ledger(loader: Loader) -> dict[str, tuple[Any, ...]]:
    rows = loader.rows(
        "select version_id, outcome, is_live, rows_loaded, rows_duplicate, rows_superseded, rows_removed from ops.files"
    )
    return {version: tuple(rest) for version, *rest in rows}


def amounts(loader: Loader) -> list[Decimal]:
    return sorted(amount for (amount,) in loader.rows("select total_amount from core.orders"))


def prices(*rows: str) -> list[Decimal]:
    return sorted(Decimal(PRICES[row]) for row in rows)


def test_F27_a_corrected_file_replaces_the_older_one_whole(loader: Loader, version: Version) -> None:
    loader.load(version(1, LATTE, MOCHA))

    loader.load(version(2, LATTE, TEA))

    assert amounts(loader) == prices(LATTE, TEA)
    assert loader.count("core.order_items") == 2
    assert ledger(loader) == {"v1": ("loaded", False, 2, 0, 0, 1), "v2": ("loaded", True, 1, 1, 0, 0)}
    assert faults(loader) == {}


def test_the_ledger_names_the_file_that_replaced_another(loader: Loader, version: Version) -> None:
    loader.load(version(1, LATTE))
    loader.load(version(2, TEA))

    assert loader.rows(
        "select former.version_id, latter.version_id, former.amount_removed from ops.files as former"
        " inner join ops.files as latter on latter.file_id = former.replaced_by"
    ) == [("v1", "v2", Decimal("2.45"))]


def test_F03_an_older_version_that_comes_late_is_superseded_and_changes_nothing(
    loader: Loader, version: Version
) -> None:
    loader.load(version(2, LATTE))

    (late,) = loader.load(version(1, LATTE, MOCHA, NO_SUCH_DAY))

    assert (late.outcome, late.rows_loaded, late.rows_duplicate, late.rows_superseded, late.rows_rejected) == (
        "superseded",
        0,
        0,
        2,
        1,
    )
    assert amounts(loader) == prices(LATTE)
    assert loader.rows("select product_name from core.products") == [("Latte",)]
    assert faults(loader) == {}


def batches(order: Iterable[list[TransformedPart]], *, together: bool) -> list[list[TransformedPart]]:
    return [[part for parts in order for part in parts]] if together else list(order)


@pytest.mark.parametrize("together", [False, True], ids=["one by one", "in one batch"])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_F03_three_versions_in_any_order_end_as_the_newest(
    loader: Loader, version: Version, order: tuple[int, ...], together: bool
) -> None:
    versions = [version(1, LATTE, MOCHA), version(2, MOCHA, TEA), version(3, TEA, CAKE)]

    for batch in batches([versions[place] for place in order], together=together):
        loader.load(batch)

    assert amounts(loader) == prices(TEA, CAKE)
    assert [row[1] for _, row in sorted(ledger(loader).items())] == [False, False, True]
    assert faults(loader) == {}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_F03_versions_of_one_second_are_ordered_by_their_place_in_it(
    loader: Loader, version: Version, order: tuple[int, ...]
) -> None:
    versions = [version(1, row, place=place) for place, row in enumerate([LATTE, MOCHA, TEA])]

    for place in order:
        loader.load(versions[place])

    assert amounts(loader) == prices(TEA)
    assert faults(loader) == {}


def test_a_re_extract_replaces_the_file_extracted_before(loader: Loader, version: Version) -> None:
    loader.load(version(1, LATTE))

    loader.load(version(1, LATTE, MOCHA, re_extract="20261124T051200Z"))

    assert amounts(loader) == prices(LATTE, MOCHA)
    assert loader.rows("select count(*) from ops.files where is_live") == [(1,)]
    assert faults(loader) == {}


def test_a_re_extract_of_an_older_version_does_not_replace_a_newer_one(loader: Loader, version: Version) -> None:
    loader.load(version(1, LATTE))
    loader.load(version(2, TEA))

    (again,) = loader.load(version(1, LATTE, MOCHA, re_extract="20261124T051200Z"))

    assert again.outcome == "superseded"
    assert amounts(loader) == prices(TEA)


def test_an_order_that_another_live_file_claims_stays(loader: Loader, version: Version) -> None:
    loader.load(version(1, LATTE, MOCHA))
    loader.load(version(2, MOCHA, key="2026/11/20/leeds copy.csv"))

    loader.load(version(3, LATTE, TEA))

    assert amounts(loader) == prices(LATTE, MOCHA, TEA)
    assert {name: count for name, count in faults(loader).items() if name != "live_files_agree"} == {}


@pytest.mark.parametrize("keys", list(permutations([KEY, "2026/11/20/leeds copy.csv"])), ids=["one", "other"])
def test_an_order_of_two_files_of_a_batch_is_credited_to_the_one_that_s3_wrote_first(
    loader: Loader, version: Version, keys: tuple[str, str]
) -> None:
    first, second = keys

    loader.load(version(2, LATTE, key=second) + version(1, LATTE, key=first))

    assert ledger(loader) == {"v1": ("loaded", True, 1, 0, 0, 0), "v2": ("loaded", True, 0, 1, 0, 0)}


def test_an_order_leaves_with_the_last_file_that_claims_it(loader: Loader, version: Version) -> None:
    copy = "2026/11/20/leeds copy.csv"
    loader.load(version(1, LATTE, MOCHA))
    loader.load(version(2, LATTE, MOCHA, key=copy))
    loader.load(version(3, TEA))
    assert amounts(loader) == prices(LATTE, MOCHA, TEA)

    loader.load(version(4, CAKE, key=copy))

    assert amounts(loader) == prices(TEA, CAKE)
    assert faults(loader) == {}


def test_an_order_that_left_may_come_back(loader: Loader, version: Version) -> None:
    for minute, row in enumerate([LATTE, MOCHA, LATTE], start=1):
        loader.load(version(minute, row))

    assert amounts(loader) == prices(LATTE)
    assert faults(loader) == {}


def test_a_shared_order_of_two_files_replaced_at_once_is_removed_once(loader: Loader, version: Version) -> None:
    copy = "2026/11/20/leeds copy.csv"
    loader.load(version(1, LATTE, MOCHA) + version(1, LATTE, MOCHA, key=copy))

    loader.load(version(2, TEA) + version(2, CAKE, key=copy))

    assert amounts(loader) == prices(TEA, CAKE)
    assert faults(loader) == {}


@pytest.mark.parametrize("rows", [(), (NO_SUCH_DAY,)], ids=["empty", "every row refused"])
def test_a_version_that_states_no_order_replaces_nothing(
    loader: Loader, version: Version, rows: tuple[str, ...]
) -> None:
    loader.load(version(1, LATTE))

    loader.load(version(2, *rows))

    assert amounts(loader) == prices(LATTE)
    assert ledger(loader)["v1"][1] is True
    assert faults(loader) == {}


def test_the_same_version_delivered_again_after_its_correction_changes_nothing(
    loader: Loader, version: Version
) -> None:
    first = version(1, LATTE, MOCHA)
    loader.load(first)
    loader.load(version(2, TEA))

    assert loader.load(first) == []
    assert amounts(loader) == prices(TEA)


def test_a_correction_under_another_key_is_flagged(loader: Loader, version: Version) -> None:
    loader.load(version(1, LATTE, MOCHA))

    loader.load(version(2, LATTE, TEA, key="2026/11/20/leeds fixed.csv"))

    assert faults(loader) == {"live_files_agree": 1}


@pytest.mark.parametrize(
    ("tills", "found"), [(("_till-1", "_till-2"), {}), (("", "_till-2"), {"live_files_agree": 1})], ids=["both", "one"]
)
def test_two_tills_are_both_counted_and_a_file_that_does_not_say_its_till_is_flagged(
    loader: Loader, version: Version, tills: tuple[str, str], found: dict[str, int]
) -> None:
    for number, till in enumerate(tills, start=1):
        loader.load(version(number, LATTE, MOCHA, key=f"2026/11/20/leeds{till}.csv"))

    assert amounts(loader) == prices(LATTE, LATTE, MOCHA, MOCHA)
    assert faults(loader) == found


def test_files_of_one_day_that_share_no_order_do_not_disagree(loader: Loader, version: Version) -> None:
    loader.load(version(1, LATTE, MOCHA))
    loader.load(version(2, TEA, CAKE, key="2026/11/20/leeds afternoon.csv"))

    assert faults(loader) == {}
