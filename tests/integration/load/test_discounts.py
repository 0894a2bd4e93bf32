"""Discounts in the warehouse: the items less the discount are the total, to the penny, whatever file states it."""

import gzip
from collections.abc import Callable
from decimal import Decimal

import pytest

from integration.load.conftest import Loader
from load.checks import run_checks
from load.rules import HashCollision, StagedRowsDiffer

HEADER = "Date,Time,Item,Qty,Gross Sales,Discounts,Transaction ID,Location\n"
LINE = "2026-11-20,09:0{},Latte,2,£4.90,{},t{},Leeds\n"
FILE = HEADER + LINE.format(0, "-£0.49", 1) + LINE.format(1, "£0.00", 2) + LINE.format(2, "£4.90", 3)
ORDERS = [("4.41", "0.49"), ("4.90", "0.00"), ("0.00", "4.90")]


def discounts(loader: Loader) -> list[tuple[str, str]]:
    rows = loader.rows("select total_amount, discount from core.orders order by ordered_at")
    return [(str(total), str(discount)) for total, discount in rows]


def faults(loader: Loader) -> set[str]:
    return {result.name for result in run_checks(loader.session) if result.faults}


def rewrite_discounts(loader: Loader, rewrite: Callable[[bytes], bytes]) -> None:
    contents = loader.warehouse.objects.contents
    (key,) = (key for key in contents if key[1].endswith("/discounts.csv.gz"))
    contents[key] = gzip.compress(rewrite(gzip.decompress(contents[key])))


def test_discounts_are_kept_and_counted_once_whatever_comes_after(loader: Loader) -> None:
    plain = HEADER + LINE.format(5, "", 1)

    loader.load(loader.stage(FILE.encode()))
    loader.load(loader.stage(FILE.encode(), key="2026/11/20/leeds again.csv"))
    loader.load([*loader.stage(FILE.encode(), key="head.csv"), *loader.stage(plain.encode(), key="plain.csv")])

    assert discounts(loader) == [*ORDERS, ("4.90", "0.00")]
    assert loader.rows("select sum(amount_loaded) from ops.files") == [(Decimal("14.21"),)]
    assert faults(loader) <= {"live_files_agree"}


def test_a_correction_takes_a_discount_back(loader: Loader) -> None:
    loader.load(loader.stage(FILE.encode()))

    loader.load(loader.stage(FILE.replace("-£0.49", "").encode(), version_id="v2", re_extract="20261124T051200Z"))

    assert discounts(loader) == [("4.90", "0.00"), *ORDERS[1:]]
    assert faults(loader) == set()


def test_a_copy_that_brings_too_few_discounts_is_an_error(loader: Loader) -> None:
    (part,) = loader.stage(FILE.encode(), may_carry=False)

    rewrite_discounts(loader, lambda text: text[text.index(b"\n") + 1 :])

    with pytest.raises(StagedRowsDiffer):
        loader.load([part])


def test_a_discount_that_does_not_explain_the_total_is_not_loaded(loader: Loader) -> None:
    (part,) = loader.stage(FILE.encode(), may_carry=False)
    rewrite_discounts(loader, lambda text: text.replace(b"0.49", b"0.48"))

    with pytest.raises(HashCollision):
        loader.load([part])


def test_a_discount_that_was_changed_is_found_by_the_check(loader: Loader) -> None:
    loader.load(loader.stage(FILE.encode()))
    assert faults(loader) == set()

    loader.session.execute("update core.orders set discount = 0")
    loader.session.commit()

    assert faults(loader) == {"totals_match_items"}
