"""No person and no card in an invented file can be real."""

import random
import re

import pytest

from cafe.generate.people import CUSTOMERS, TEST_CARDS, feed_a_card, feed_b_card, impossible_card_number
from shared.personal_text import passes_luhn

PUBLISHED = {number for _, number in TEST_CARDS}
# Written out again, digit by digit, so that the check has something to agree with.
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn_sum(number: str) -> int:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2]) + sum(_DOUBLED[digit] for digit in digits[1::2])


@pytest.mark.parametrize("number", sorted(PUBLISHED))
def test_published_test_numbers_pass_the_check(number: str) -> None:
    assert passes_luhn(number)


def test_the_luhn_check_agrees_with_a_plain_one() -> None:
    rng = random.Random(1)
    numbers = ["".join(rng.choices("0123456789", k=length)) for length in range(1, 21) for _ in range(50)]

    assert [passes_luhn(number) for number in numbers] == [luhn_sum(number) % 10 == 0 for number in numbers]


def test_no_impossible_number_passes_the_check() -> None:
    rng = random.Random(1)

    numbers = [impossible_card_number(rng) for _ in range(20_000)]

    assert all(luhn_sum(number) % 10 for number in numbers)
    assert {len(number) for number in numbers} == {16}
    assert {number[0] for number in numbers} == set("123456789")


@pytest.mark.parametrize(
    ("card", "lengths"),
    [pytest.param(feed_a_card, {13, 14, 15, 16, 17}, id="a"), pytest.param(feed_b_card, {16}, id="b")],
)
def test_every_card_is_a_published_test_number_or_impossible(card: object, lengths: set[int]) -> None:
    rng = random.Random(1)

    numbers = [card(rng)[1] for _ in range(5_000)]  # type: ignore[operator]

    assert all(number in PUBLISHED or luhn_sum(number) % 10 for number in numbers)
    assert {len(number) for number in numbers} <= lengths
    assert {min(lengths), max(lengths)} <= {len(number) for number in numbers}
    assert PUBLISHED & set(numbers)


def test_feed_a_prints_some_numbers_one_digit_too_long() -> None:
    rng = random.Random(1)

    overlong = [number for _, number in (feed_a_card(rng) for _ in range(1_000)) if len(number) == 17]

    assert overlong
    assert all(number.endswith("10") for number in overlong)


def test_every_customer_has_an_obviously_invented_surname() -> None:
    assert len(CUSTOMERS) == len(set(CUSTOMERS)) == 200
    assert all(re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", customer) for customer in CUSTOMERS)
