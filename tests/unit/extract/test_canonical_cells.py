"""What extract writes is canonical: reading it again changes nothing, and transform can read it."""

import sys
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extract.cells import CellReaders, basket_fault, branch_fault, collapse
from extract.rules import Rule
from fakes import rejects_of
from hostile.judgement import judge
from transform.third_normal_form import Normaliser

LAST_DAY = date(2026, 11, 21)
EVERY = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
BLANKS = [sign for sign in EVERY if sign.isspace()]
DASHES = [sign for sign in EVERY if unicodedata.category(sign) == "Pd"]
DIGITS = [sign for sign in EVERY if sign.isdigit()]
ACCENTS = ["e\u0301", "\u00e9", "a\u030a", "\u212b", "\u0344"]
PIECES = [*BLANKS, *DASHES, *DIGITS, *ACCENTS, *"Latte- ,.\"'\\=@+£1290\t", " - ", " - 2.45", ", ", "Large "]

texts = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=14).map("".join)
labels = st.lists(st.sampled_from(PIECES) | st.sampled_from(["Latte", "Mocha"]), max_size=6).map("".join)
priced = st.builds(
    lambda label, before, dash, after, price: f"{label}{before}{dash}{after}{price}",
    labels,
    st.sampled_from([*BLANKS, ""]),
    st.sampled_from(["-", *DASHES]),
    st.sampled_from([*BLANKS, ""]),
    st.sampled_from(["2.45", "0", "1.5", "-1", "٤"]),
)
baskets = st.lists(priced | texts, min_size=1, max_size=4).flatmap(
    lambda items: st.sampled_from([", ", ",", ",\u00a0"]).map(lambda mark: mark.join(items))
)


def hex_of(sign: str) -> str:
    return f"U+{ord(sign):04X}"


@given(baskets)
@example("Latte\u00a0- 2.45")
@example("Latte -\u20032.45,\u3000Mocha\u2009-\u20092.30")
@example("Large,Latte\u00a0,2.45")
def test_a_canonical_basket_is_a_fixpoint_that_transform_reads(text: str) -> None:
    canonical = CellReaders(LAST_DAY).basket(text)

    if not canonical:
        assert basket_fault(text)
        return
    assert CellReaders(LAST_DAY).basket(canonical) == canonical
    rows = [f"1\tLeeds\t2026-11-20 09:00:00\t{canonical}\t1.00\tCARD\t1".encode()]
    normaliser = Normaliser("f" * 32)
    normaliser.normalise(rows)
    assert normaliser.orders + normaliser.rejects == 1


@given(texts)
@example("Cafe\u0301 \u00a0Zoe\u0308")
def test_a_canonical_branch_is_a_fixpoint(text: str) -> None:
    canonical = CellReaders(LAST_DAY).branches[text]

    assert bool(canonical) is (branch_fault(text) is None)
    assert CellReaders(LAST_DAY).branches[canonical] == canonical
    assert not canonical or (canonical.isprintable() and unicodedata.is_normalized("NFC", canonical))


@given(texts)
def test_canonical_times_money_and_payments_are_fixpoints(text: str) -> None:
    readers = CellReaders(LAST_DAY)

    for read in (readers.ordered_at, readers.totals.__getitem__, readers.payments.__getitem__):
        assert read(read(text)) == read(text)


@pytest.mark.parametrize("blank", [blank for blank in BLANKS if unicodedata.category(blank) == "Zs"], ids=hex_of)
def test_every_blank_of_unicode_separates_words_and_prices(blank: str) -> None:
    readers = CellReaders(LAST_DAY)

    assert readers.branches[f"London{blank}Soho"] == "London Soho"
    assert readers.basket(f"Large{blank}Latte{blank}-{blank}2.45") == "Large Latte - 2.45"


def test_composed_and_decomposed_accents_are_one_cafe_and_one_product() -> None:
    composed = "20/11/2026 09:00,Caf\u00e9 Zo\u00eb,Ada Tester,Cr\u00e8me - 2.45,2.45,CASH,\n"
    decomposed = unicodedata.normalize("NFD", composed).replace("09:00", "09:01")

    verdict = judge((composed + decomposed).encode())

    assert verdict.orders == 2
    assert len([line for line in verdict.tables if line.startswith(("branch,", "product,"))]) == 2


def test_a_line_break_inside_quotes_separates_words() -> None:
    verdict = judge(b'20/11/2026 09:00,"Isle of\r\nWight",Ada Tester,"Large\nLatte - 2.45",2.45,CASH,\n')

    assert verdict.orders == 1
    assert any("Isle of Wight" in line for line in verdict.tables)
    assert any("Latte" in line and "Large" in line for line in verdict.tables)
    assert verdict.problems == ()


@pytest.mark.parametrize(
    "sign",
    ["\u3164", "\u115f", "\u1160", "\uffa0", "\u034f", "\u17b4", "\u2800", "\u180b", "\ufe0f", "\ufe00", "\U000e0100",
     "\u0378", "\ue000", "\U000f0000", "\U0010ffff", "\u2028", "\u200d", "\u202e", "\u009b"],
    ids=hex_of,
)  # fmt: skip
def test_a_filler_a_private_and_an_unassigned_character_are_rejected(sign: str) -> None:
    assert branch_fault(f"Le{sign}eds") is Rule.CONTROL_CHARACTER
    assert branch_fault(f"Leeds {sign}.") is Rule.CONTROL_CHARACTER


@pytest.mark.parametrize("symbol", ["❤\ufe0f", "1\ufe0f\u20e3", "☕"], ids=["heart", "keycap", "cup"])
def test_a_symbol_keeps_its_variation_selector(symbol: str) -> None:
    assert CellReaders(LAST_DAY).branches[f"Tea {symbol}"] == f"Tea {symbol}"


@pytest.mark.parametrize(
    "label",
    ["Latte 4900*1007*3918*2645", "Tea 41111111", "Tea 4111 1111", "Tea 07700 900123", "Tea +44 (0)20 7946 0958",
     "Tea 4a1b1c1d1e1f1g1h1i1j1k1", "Tea 4_1_1_1_1_1_1_1"],
)  # fmt: skip
def test_a_card_or_telephone_number_with_any_signs_between_is_rejected(label: str) -> None:
    assert branch_fault(label) is Rule.POSSIBLE_CARD_NUMBER
    assert basket_fault(f"{label} - 2.45") == (Rule.POSSIBLE_CARD_NUMBER, "item 1")


@pytest.mark.parametrize(
    ("basket", "fault"),
    [
        ("Latte 41111111 - 1.00, Mocha 11111111 - 1.00", (Rule.POSSIBLE_CARD_NUMBER, "item 1")),
        ("Tea - 1.00, A 4012 - 1.00, B 8888 - 1.00, C 8888 - 1.00, D 1881 - 1.00", (Rule.POSSIBLE_CARD_NUMBER, "item 2")),
        ("A 4012 - 1.00, Tea - 1.00, B 888888 - 1.00, C 881881 - 1.00", (Rule.POSSIBLE_CARD_NUMBER, "item 1")),
        ("A,4012,1.00,B,8888,1.00,C,8888,1.00,D,1881,1.00", (Rule.POSSIBLE_CARD_NUMBER, "item 1")),
        ("A 4012 - 1.00, B 8888 - 1.00, C 8888 - 1.00, D 1882 - 1.00", None),
        ("Blend 2024 - 1.00, Blend 2024 - 1.00, Blend 2024 - 1.00, Blend 2024 - 1.00", None),
        ("Water 330 ml - 1.00, Water 330 ml - 1.00, Cola 500 ml - 1.00, Cola 330 ml - 1.00", None),
    ],
    ids=["two items of 8", "four items", "a part apart", "feed A", "no card's number", "one item four times", "sizes"],
)  # fmt: skip
def test_a_card_number_that_is_split_over_items_is_rejected(basket: str, fault: tuple[Rule, str] | None) -> None:
    cells = CellReaders(LAST_DAY)
    for item in basket.split(", "):
        # Items that were read before are no way past the rule.
        cells.basket(item)

    assert bool(cells.basket(basket)) is (fault is None)
    assert fault is None or basket_fault(basket) == fault


@pytest.mark.parametrize(
    ("branch", "fault"), [('Leeds "Tester', Rule.STRAY_QUOTE), ('Leeds"', Rule.STRAY_QUOTE), ('The "Bell" Inn', None)]
)
def test_a_branch_with_a_part_of_a_quoted_cell_is_rejected(branch: str, fault: Rule | None) -> None:
    assert branch_fault(branch) == fault


@pytest.mark.parametrize("label", ["Latte 25/12/2026", "Water 330 ml", "Blend 2024", "7 Grain & Seed", "Route 66 1984"])
def test_other_numbers_in_a_name_are_kept(label: str) -> None:
    assert CellReaders(LAST_DAY).basket(f"{label} - 2.45") == f"{label} - 2.45"


def test_an_e_mail_address_is_rejected() -> None:
    assert rejects_of(b"20/11/2026 09:00,ada@tester.example,Ada Tester,Latte - 2.45,2.45,CASH,\n") == [
        (1, "possible_contact", "")
    ]


def test_collapse_composes_and_trims_in_one_step() -> None:
    assert [collapse(text) for text in (" e\u0301\u00a0 x ", "\u212b", "\u2000")] == ["é x", "Å", ""]
