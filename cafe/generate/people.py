"""Customers who do not exist and card numbers that cannot be real: none of it is personal data."""

import random
from itertools import product

from shared.personal_text import passes_luhn

# The surnames show that the people are invented.
_FIRST_NAMES = (
    *("Ada", "Ben", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ivy", "Jo"),
    *("Kit", "Lou", "Max", "Nell", "Ola", "Pip", "Quin", "Rae", "Sol", "Tam"),
)
_SURNAMES = ("Tester", "Sample", "Example", "Madeup", "Invented", "Nobody", "Fiction", "Mock", "Dummy", "Imaginary")
CUSTOMERS = tuple(f"{first} {last}" for first, last in product(_FIRST_NAMES, _SURNAMES))

# The payment industry's published test numbers, which are never issued: feed A's name of the type, and the number.
TEST_CARDS = (
    ("visa16", "4111111111111111"),
    ("visa16", "4012888888881881"),
    ("visa13", "4222222222222"),
    ("mastercard", "5555555555554444"),
    ("mastercard", "5105105105105100"),
    ("americanexpress", "378282246310005"),
    ("americanexpress", "371449635398431"),
    ("discover", "6011111111111117"),
    ("discover", "6011000990139424"),
)
_SIXTEEN_DIGIT_TEST_NUMBERS = tuple(number for _, number in TEST_CARDS if len(number) == 16)

# The Luhn sum of an issued card's number is always a multiple of ten (ISO/IEC 7812-1). Each group of four digits adds a
# fixed share to the sum, so a table of 10,000 shares checks a number in four look-ups.
_GROUPS = tuple(f"{group:04d}" for group in range(10_000))
_LUHN_SHARES = tuple(
    sum(int(digit) for place, digit in enumerate(group) if place % 2)
    + sum((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)[int(digit)] for place, digit in enumerate(group) if place % 2 == 0)
    for group in _GROUPS
)


# A defect of feed A: sometimes the check digit is "10", so the number is one digit too long.
_OVERLONG_CARDS = tuple(
    (kind, overlong) for kind, number in TEST_CARDS if not passes_luhn(overlong := f"{number[:-1]}10")
)


def feed_b_card(rng: random.Random) -> tuple[str, str]:
    """Return ("", 16 digits): one in ten is a published test number, the others fail the Luhn check."""
    if rng.random() < 0.1:
        return "", rng.choice(_SIXTEEN_DIGIT_TEST_NUMBERS)
    return "", impossible_card_number(rng)


def feed_a_card(rng: random.Random) -> tuple[str, str]:
    """Return a type and 13 to 17 digits: a published test number, an impossible one, or one that is too long."""
    draw = rng.random()
    if draw < 0.1:
        return rng.choice(_OVERLONG_CARDS)
    if draw < 0.5:
        return rng.choice(("visa16", "mastercard", "discover")), impossible_card_number(rng)
    return rng.choice(TEST_CARDS)


def impossible_card_number(rng: random.Random) -> str:
    """Return 16 digits that fail the Luhn check, so no card can have them."""
    # 53 random bits times an integer below 2**53 give the same number on every machine.
    digits = 1_000_000_000_000_000 + int(rng.random() * 9_000_000_000_000_000)
    upper, lower = divmod(digits, 100_000_000)
    first, second = divmod(upper, 10_000)
    third, last = divmod(lower, 10_000)
    shares = _LUHN_SHARES
    if (shares[first] + shares[second] + shares[third] + shares[last]) % 10 == 0:
        last ^= 1  # changing the last digit by one changes the sum by one, so it is not a multiple of ten any more
    return f"{digits - digits % 10_000 + last}"
