"""Canonical rows become orders, items and dimensions, with ids that depend on content only."""

import subprocess
import sys
from hashlib import sha256

import pytest

from transform.baskets import Product
from transform.ids import branch_id, product_id
from transform.third_normal_form import Normaliser

LATTE = b"1\tLeeds\t2026-11-20 09:00:00\tLarge Latte - 2.45\t2.45\tCASH\t1"


def test_an_orders_id_is_a_hash_of_its_row_without_the_line_number() -> None:
    made = Normaliser("f" * 32).normalise([LATTE])

    expected = sha256(b"Leeds\t2026-11-20 09:00:00\tLarge Latte - 2.45\t2.45\tCASH\t1").hexdigest()[:32]
    assert made.orders == [f"{expected},{'f' * 32},{branch_id('Leeds')},2026-11-20 09:00:00,CASH,2.45\n".encode()]


@pytest.mark.parametrize(
    "other",
    [
        b"1\tLeedS\t2026-11-20 09:00:00\tLarge Latte - 2.45\t2.45\tCASH\t1",
        b"1\tLeeds\t2026-11-20 09:00:01\tLarge Latte - 2.45\t2.45\tCASH\t1",
        b"1\tLeeds\t2026-11-20 09:00:00\tLarge latte - 2.45\t2.45\tCASH\t1",
        b"1\tLeeds\t2026-11-20 09:00:00\tLarge Latte - 2.45\t2.45\tCARD\t1",
        b"1\tLeeds\t2026-11-20 09:00:00\tLarge Latte - 2.45\t2.45\tCASH\t2",
    ],
    ids=["branch", "time", "product's case", "payment", "occurrence"],
)
def test_any_difference_in_content_is_another_order(other: bytes) -> None:
    made = Normaliser("f" * 32).normalise([LATTE, other])

    assert len({line[:32] for line in made.orders}) == 2


def test_the_items_less_the_discount_are_the_total() -> None:
    row = LATTE.replace(b"\t2.45\tCASH", b"\t2.00\tCASH") + b"\t0.45"
    normaliser = Normaliser("f" * 32)

    made = normaliser.normalise([row, LATTE])

    discounted, plain = (line[:32] for line in made.orders)
    assert discounted.decode() == sha256(row.partition(b"\t")[2]).hexdigest()[:32] != plain.decode()
    assert [line.split(b",")[-1] for line in made.orders] == [b"2.00\n", b"2.45\n"]
    assert made.discounts == [discounted + b",0.45\n"]
    assert (normaliser.pence, made.rejects) == (445, [])


@pytest.mark.parametrize("discount", [b"0.44", b"0.46", b"2.45", b"4.45"])
def test_a_discount_that_does_not_explain_the_total_is_a_mismatch(discount: bytes) -> None:
    made = Normaliser("f" * 32).normalise([LATTE.replace(b"\t2.45\tCASH", b"\t2.00\tCASH") + b"\t" + discount])

    assert (made.orders, made.discounts, made.dimensions) == ([], [], [])
    assert [reject.rule for reject in made.rejects] == ["total_mismatch"]


@pytest.mark.parametrize("discount", [b"", b"0.00", b"-0.45", b"staff", b"0.45\t0.45"])
def test_a_discount_that_extract_does_not_write_is_unreadable(discount: bytes) -> None:
    made = Normaliser("f" * 32).normalise([LATTE + b"\t" + discount])

    assert (made.orders, [reject.rule for reject in made.rejects]) == ([], ["unreadable_row"])


def test_an_orders_items_carry_its_id() -> None:
    row = b"1\tLeeds\t2026-11-20 09:00:00\tLarge Mocha - 2.70, Large Mocha - 2.70, Latte - 2.15\t7.55\tCASH\t1"

    made = Normaliser("f" * 32).normalise([row])

    order = made.orders[0][:32]
    assert b"".join(made.order_items).splitlines() == [
        order + f",{product_id(Product('Mocha', 'Large', ''))},2.70,2".encode(),
        order + f",{product_id(Product('Latte', '', ''))},2.15,1".encode(),
    ]


def test_identical_items_become_one_row_with_a_quantity_in_basket_order() -> None:
    basket = b"Cake - 3.00, Latte - 2.15, Cake - 3.00, Tea - 1.00, Cake - 3.00"
    row = b"1\tLeeds\t2026-11-20 09:00:00\t" + basket + b"\t12.15\tCARD\t1"

    lines = b"".join(Normaliser("f" * 32).normalise([row]).order_items).splitlines()

    assert [line.split(b",")[2:] for line in lines] == [[b"3.00", b"3"], [b"2.15", b"1"], [b"1.00", b"1"]]


def test_one_product_at_two_prices_is_two_items() -> None:
    row = b"1\tLeeds\t2026-11-20 09:00:00\tCookie - 1.25, Cookie - 1.00\t2.25\tCASH\t1"

    lines = b"".join(Normaliser("f" * 32).normalise([row]).order_items).splitlines()

    assert [line.split(b",")[2:] for line in lines] == [[b"1.25", b"1"], [b"1.00", b"1"]]


def test_each_branch_and_product_is_written_once_per_part() -> None:
    normaliser = Normaliser("f" * 32)

    first, second = normaliser.normalise([LATTE, LATTE]), normaliser.normalise([LATTE])

    assert [line.split(b",")[0] for line in first.dimensions] == [b"product", b"branch"]
    assert second.dimensions == []


def dimensions_of(*rows: tuple[str, str, str]) -> list[bytes]:
    """Normalise rows of branch, basket and total in one block. Returns the names of the dimensions."""
    lines = [f"1\t{branch}\t2026-11-20 09:00:00\t{basket}\t{total}\tCASH\t1" for branch, basket, total in rows]
    made = Normaliser("f" * 32).normalise([line.encode() for line in lines])
    return sorted(line.split(b'"')[1] for line in made.dimensions)


RIGHT, WRONG = ("Leeds", "Tea - 1.00, Mocha - 1.00", "2.00"), ("Hull", "Tea - 1.00, Chai - 1.00", "9.99")
RIGHT_NAMES = [b"Leeds", b"Mocha", b"Tea"]


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([WRONG], []),
        ([WRONG, RIGHT], RIGHT_NAMES),
        ([RIGHT, WRONG], RIGHT_NAMES),
        ([WRONG, ("Hull", "Chai - 1.00", "1.00")], [b"Chai", b"Hull"]),
        ([RIGHT, WRONG, WRONG, ("Hull", "Chai - 2.00", "2.00")], [b"Chai", b"Hull", *RIGHT_NAMES]),
        ([("Hull", "Chai - 1.00", "9.99"), ("Hull", "Chai - 1.00", "1.00")], [b"Chai", b"Hull"]),
        ([WRONG, WRONG, ("Hull", "Tea - 1.00, Chai - 1.00", "2.00")], [b"Chai", b"Hull", b"Tea"]),
    ],
    ids=[
        "rejected",
        "rejected first",
        "rejected last",
        "accepted later",
        "accepted at another price",
        "the same item accepted",
        "the same basket accepted",
    ],
)
def test_a_rejected_row_adds_no_branch_and_no_product(rows: list[tuple[str, str, str]], names: list[bytes]) -> None:
    assert dimensions_of(*rows) == names


def test_names_with_quotes_and_commas_survive_as_csv() -> None:
    row = 'x\tSt. Ives, Cornwall\t2026-11-20 09:00:00\tTea "builder\'s" - 1.00\t1.00\tCASH\t1'.replace("x", "1", 1)

    made = Normaliser("f" * 32).normalise([row.encode()])

    assert any(b'"St. Ives, Cornwall"' in line for line in made.dimensions)
    assert any(b'"Tea ""builder\'s"""' in line for line in made.dimensions)


@pytest.mark.parametrize(
    ("basket", "total", "names"),
    [
        ("Ham, cheese & leek - 4.50", "4.50", ["Ham, cheese & leek"]),
        ("Ham, 2021, egg - 1.00, Latte - 2.45", "3.45", ["Ham, 2021, egg", "Latte"]),
        ("Latte - 2.45, Water - 330, still - 1.80", "4.25", ["Latte", "Water"]),
        ("Tea, Latte - 2.45, Tea, Latte - 2.45", "4.90", ["Tea, Latte"]),
    ],
)
def test_a_comma_in_a_name_separates_no_items(basket: str, total: str, names: list[str]) -> None:
    normaliser = Normaliser("f" * 32)

    made = normaliser.normalise([f"1\tLeeds\t2026-11-20 09:00:00\t{basket}\t{total}\tCARD\t1".encode()] * 2)

    products = [line.decode().split(",", 2)[2] for line in made.dimensions if line.startswith(b"product")]
    assert [product.partition('",')[0].strip('"') for product in products] == names
    assert (normaliser.orders, normaliser.rejects) == (2, 0)


def test_F19_a_total_that_is_one_penny_wrong_is_rejected() -> None:
    normaliser = Normaliser("f" * 32)

    made = normaliser.normalise([LATTE, b"7\tLeeds\t2026-11-20 09:00:00\tLarge Latte - 2.45\t2.46\tCASH\t1"])

    assert [(reject.line_number, reject.rule) for reject in made.rejects] == [(7, "total_mismatch")]
    assert (normaliser.orders, normaliser.rejects, normaliser.pence) == (1, 1, 245)


def test_sums_are_exact_where_floats_are_not() -> None:
    row = b"1\tLeeds\t2026-11-20 09:00:00\tA - 0.10, B - 0.20\t0.30\tCASH\t1"

    normaliser = Normaliser("f" * 32)
    normaliser.normalise([row])

    assert (normaliser.orders, normaliser.pence) == (1, 30)


def test_a_full_cache_changes_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [b"%d\tLeeds\t2026-11-20 09:00:00\tItem %c - 1.00\t1.00\tCASH\t1" % (n, 65 + n % 5) for n in range(50)]
    roomy = Normaliser("f" * 32).normalise(rows)
    monkeypatch.setattr("transform.third_normal_form.REMEMBERED_TEXTS", 2)
    monkeypatch.setattr("transform.third_normal_form.REMEMBERED_BASKETS", 2)

    assert Normaliser("f" * 32).normalise(rows) == roomy


@pytest.mark.parametrize(
    "surroundings", [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"}]
)
def test_F21_ids_do_not_depend_on_hash_seed_time_zone_or_locale(surroundings: dict[str, str]) -> None:
    script = (
        "from transform.third_normal_form import Normaliser;"
        f"made = Normaliser('f' * 32).normalise([{LATTE!r}]);"
        "print((made.orders + made.order_items + made.dimensions))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": "src", **surroundings},
        capture_output=True,
        text=True,
        check=True,
    )

    here = Normaliser("f" * 32).normalise([LATTE])
    assert printed.stdout.strip() == str(here.orders + here.order_items + here.dimensions)
