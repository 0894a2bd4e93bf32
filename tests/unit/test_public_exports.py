"""Small files as the tills and the public programs write them, against figures that were added up by hand.

The files are in `public_exports`, each with its program's header, line ends and encoding, and with the odd rows that
such files have. The people in them are invented.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes import extract_bytes, tables_of
from hostile.judgement import judge
from personal_data import PersonalData

FILES = Path(__file__).parent / "public_exports"
PEOPLE = ("Zebedee", "Quillfeather", "Petronella", "Ravenscroft")
CARDS = ("4111111111111111", "5494000000000016", "6011000990139424")
# Head office may send any day, and the café's own file says which café it is.
KEY = "2026/11/20/leeds_20-11-2026_09-00-00.csv"


@dataclass(frozen=True)
class Figures:
    """What a careful person reads in a file. Amounts are pence; `days` counts orders; `rejects` are rules by line."""

    orders: int
    items: int
    pence: int
    payments: dict[str, int]
    days: dict[str, int]
    rejects: dict[int, str]


BY_HAND = {
    "feed-a": Figures(
        orders=7,
        items=11,
        pence=2140,
        payments={"CARD": 1040, "CASH": 1100},
        days={"2021-02-23": 5, "2021-02-24": 2},
        rejects={
            6: "total_mismatch",
            7: "bad_timestamp",
            8: "item_without_price",
            9: "bad_payment",
            10: "refund_not_supported",
        },
    ),
    "feed-b": Figures(
        orders=8,
        items=11,
        pence=2390,
        payments={"CARD": 1140, "CASH": 1020, "OTHER": 230},
        days={"2021-08-25": 5, "2021-08-26": 3},
        rejects={
            6: "items_not_separated",
            7: "item_without_price",
            8: "refund_not_supported",
            9: "bad_timestamp",
            10: "wrong_cell_count",
        },
    ),
    "exploded": Figures(
        orders=5,
        items=8,
        pence=1735,
        payments={"CARD": 460, "CASH": 1275},
        days={"2021-08-25": 4, "2021-08-26": 1},
        rejects={1: "orphan_item_line", 9: "total_mismatch"},
    ),
    "semicolons": Figures(
        orders=6,
        items=9,
        pence=2625,
        payments={"CARD": 1830, "CASH": 795},
        days={"2021-08-25": 4, "2021-08-26": 2},
        rejects={4: "refund_not_supported", 6: "total_mismatch", 8: "empty_basket"},
    ),
    "tabs": Figures(
        orders=6,
        items=10,
        pence=1715,
        payments={"CARD": 585, "CASH": 1025, "OTHER": 105},
        days={"2021-08-25": 5, "2021-08-26": 1},
        rejects={5: "item_without_price", 8: "bad_payment"},
    ),
    "quantity": Figures(
        orders=4,
        items=17,
        pence=2595,
        payments={"CARD": 1690, "CASH": 685, "OTHER": 220},
        days={"2024-08-12": 2, "2024-08-13": 2},
        rejects={
            4: "bad_quantity",
            5: "refund_not_supported",
            6: "item_without_price",
            7: "bad_payment",
            8: "bad_timestamp",
        },
    ),
    "quantity-columns": Figures(
        orders=3,
        items=6,
        pence=1385,
        payments={"CARD": 700, "CASH": 685},
        days={"2024-08-12": 3},
        rejects={4: "bad_quantity", 5: "empty_basket", 6: "item_without_price", 8: "bad_payment"},
    ),
    "coffee-shop": Figures(
        orders=6,
        items=9,
        pence=4770,
        payments={"OTHER": 4770},
        days={"2023-06-01": 3, "2023-06-02": 3},
        rejects={6: "bad_quantity", 7: "bad_timestamp", 10: "item_without_price", 11: "empty_basket"},
    ),
    "cafe-sales": Figures(
        orders=6,
        items=16,
        pence=4300,
        payments={"CARD": 800, "CASH": 3100, "OTHER": 400},
        days={"2023-09-08": 3, "2023-05-16": 1, "2023-06-11": 1, "2023-10-28": 1},
        rejects={
            4: "bad_total",
            5: "bad_payment",
            7: "empty_basket",
            9: "empty_basket",
            10: "bad_payment",
            11: "bad_payment",
            12: "bad_quantity",
            13: "item_without_price",
            14: "bad_timestamp",
            15: "bad_timestamp",
            16: "total_mismatch",
        },
    ),
    "square-items": Figures(
        orders=8,
        items=14,
        pence=117750,
        payments={"OTHER": 117750},
        days={"2024-08-25": 3, "2024-08-26": 5},
        rejects={5: "refund_not_supported", 10: "bad_quantity", 11: "empty_basket", 15: "bad_discount"},
    ),
    "pandas-index": Figures(
        orders=5,
        items=7,
        pence=1440,
        payments={"CARD": 690, "CASH": 750},
        days={"2021-08-25": 4, "2021-08-26": 1},
        rejects={5: "total_mismatch", 6: "empty_basket", 8: "bad_branch"},
    ),
    "personal-removed": Figures(
        orders=4,
        items=5,
        pence=1220,
        payments={"CARD": 460, "CASH": 490, "OTHER": 270},
        days={"2021-08-25": 3, "2021-08-26": 1},
        rejects={3: "bad_payment", 6: "wrong_cell_count", 7: "bad_timestamp", 10: "possible_card_number"},
    ),
}


def body_of(name: str) -> bytes:
    return (FILES / f"{name}.csv").read_bytes()


@pytest.mark.parametrize("name", BY_HAND)
def test_a_public_export_gives_the_figures_that_were_added_up_by_hand(name: str) -> None:
    extracted, _ = extract_bytes(body_of(name), KEY)
    tables = tables_of(body_of(name), KEY)

    orders = [line.split(",") for line in tables["orders"]]
    payments: Counter[str] = Counter()
    for _, _, _, _, payment, total in orders:
        payments[payment] += int(total.replace(".", ""))
    read = Figures(
        orders=len(orders),
        items=sum(int(line.rsplit(",", 1)[1]) for line in tables["order_items"]),
        pence=payments.total(),
        payments=dict(payments),
        days=dict(Counter(ordered_at[:10] for _, _, _, ordered_at, _, _ in orders)),
        rejects=dict(judge(body_of(name), KEY).rejects),
    )
    assert read == BY_HAND[name]
    assert extracted.file.dialect.removesuffix("+header").removeprefix("header+") == name


@pytest.mark.parametrize("name", BY_HAND)
def test_no_line_of_a_public_export_is_lost_and_no_personal_cell_comes_out(name: str) -> None:
    verdict = judge(body_of(name), KEY, PersonalData(PEOPLE, CARDS))

    assert verdict.problems == ()


def test_the_personal_data_that_is_searched_for_is_in_the_files() -> None:
    texts = b"".join(map(body_of, BY_HAND))

    assert PersonalData(PEOPLE, CARDS).found_in(texts)
    assert all(texts.count(value.encode()) > 1 for value in (*PEOPLE, *CARDS))


def test_every_file_is_in_the_table() -> None:
    assert sorted(BY_HAND) == sorted(path.stem for path in FILES.iterdir())
