"""Canonical baskets into products and prices."""

import pytest

from shared.amounts import pounds
from transform.baskets import Product, parse_item


@pytest.mark.parametrize(
    ("item", "product", "pence"),
    [
        ("Large Latte - 2.45", Product("Latte", "Large", ""), 245),
        ("Regular Flavoured latte - Vanilla - 2.55", Product("Flavoured latte", "Regular", "Vanilla"), 255),
        ("Speciality Tea - Earl Grey - 1.30", Product("Speciality Tea", "", "Earl Grey"), 130),
        ("Large Frappes - Strawberries & Cream - 3.25", Product("Frappes", "Large", "Strawberries & Cream"), 325),
        ("Babyccino - 0.00", Product("Babyccino", "", ""), 0),
        ("Hot Chocolate - 1.40", Product("Hot Chocolate", "", ""), 140),
        ("Hot chocolate - 2.20", Product("Hot chocolate", "", ""), 220),
        ("Regularly good tea - 1.00", Product("Regularly good tea", "", ""), 100),
        ("Large - 1.00", Product("Large", "", ""), 100),
        ("Half-and-half - 12345.67", Product("Half-and-half", "", ""), 1234567),
        ("A - B - C - 1.00", Product("A", "", "B - C"), 100),
    ],
)  # fmt: skip
def test_an_item_is_a_size_a_name_a_flavour_and_pence(item: str, product: Product, pence: int) -> None:
    assert parse_item(item) == (product, pence)


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "0.00"), (5, "0.05"), (50, "0.50"), (1860, "18.60"), (123456789, "1234567.89")]
)
def test_pence_are_written_as_pounds(pence: int, text: str) -> None:
    assert pounds(pence) == text
