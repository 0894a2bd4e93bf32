"""What one cell of a foreign file looks like: a time, an amount, a payment, a basket, or something of a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from extract.cells import canonical_clock, canonical_item, canonical_payment, split_basket
from extract.dialects.days import MONTH, WEEKDAYS
from extract.dialects.document import DAY_FIRST, MONTH_FIRST, YEAR_FIRST
from shared.personal_text import has_card_or_phone, has_e_mail

# What programs write where there is nothing.
NOTHINGS = frozenset(
    {"error", "unknown", "n/a", "na", "nan", "null", "none", "-", "--", "?", "#n/a", "nil", "undefined"}
)
# A sign, or the letters of one. £ comes first: the draft asks about any other one.
CURRENCIES = ("£", "$", "€", "¥", "kr", "CHF", "Fr.", "zł", "Kč", "Ft", "₺", "₹", "GBP", "USD", "EUR")
POUNDS = frozenset({"£", "GBP"})
MOST_QUANTITY = 200

_SIGN = "|".join(map(re.escape, CURRENCIES))
_DAY = r"(?P<first>[0-9]{1,4})(?P<mark>[/.-])(?P<second>[0-9]{1,2})(?P=mark)(?P<third>[0-9]{1,4})"
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?P<seconds>:[0-9]{2})?(?P<fraction>[.,][0-9]+)?"
    r"(?P<half>\s?[AaPp]\.?[Mm]\.?)?(?P<offset>\s?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?"
)
_WORDED_DAY = (
    rf"(?P<weekday>{WEEKDAYS})(?P<first>[0-9]{{1,4}}|{MONTH})(?P<mark>[ .-]?)(?P<second>[0-9]{{1,2}}|{MONTH})"
    rf"(?P<mark_2>,? |[.-]?)(?P<third>[0-9]{{1,4}})"
)
_MOMENT = re.compile(rf"{_DAY}(?P<between>\s+|T){_CLOCK}")
_WORDED_MOMENT = re.compile(rf"{_WORDED_DAY}(?P<between>,?\s+|T){_CLOCK}", re.IGNORECASE)
_WORDED_DAY_ALONE = re.compile(_WORDED_DAY, re.IGNORECASE)
_DAY_ALONE = re.compile(_DAY)
_CLOCK_ALONE = re.compile(_CLOCK)
_AMOUNT = re.compile(
    rf"(?P<sign>[(-]?)\s*(?P<currency>(?:{_SIGN})?)\s*(?P<minus>-?)"
    r"(?P<whole>[0-9]{1,3}(?:(?P<thousands>[.,' ])[0-9]{3})+|[0-9]{0,7})"
    rf"(?:(?P<decimal>[.,])(?P<pence>[0-9]{{1,2}}))?\s*(?P<after>(?:{_SIGN})?)[)-]?"
)
# Beside a number: a product's name may have such letters.
_SIGNS = re.compile(rf"(?:{_SIGN})\s*(?=[-(]?[0-9.,])|(?<=[0-9])\s*(?:{_SIGN})(?![^\W\d_])")
# As an item of a basket ends: " - 2,45".
_PRICE_AT_END = re.compile(rf" - (?:{_SIGN})?\s*[0-9]*(?P<decimal>[.,])(?P<pence>[0-9]{{1,2}})(?=,\s|$)")
_CARD = re.compile(r"(?:[A-Za-z ]+,\s*)?(?:[0-9][ -]?){12,20}(?:\.0)?|[0-9](?:\.[0-9]+)?E\+[0-9]+|[X*•]{4,}.*")
# Before a price: a minus or a bracket, as of a refund.
_NEGATIVE = re.compile(r" - [-(](?=[0-9.,])")
# A product may begin with one of them, and no person's name does.
_SIZES = frozenset({"regular", "large", "small", "medium", "double", "single", "iced", "hot"})
_PERSON = re.compile(r"[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){1,3}")


class Look(StrEnum):
    """What a cell looks like. MOMENT is a day and a clock in one cell; the baskets are those of a document."""

    BLANK = "nothing"
    MOMENT = "a day and a clock"
    DAY = "a day"
    CLOCK = "a clock"
    WHOLE = "a whole number"
    AMOUNT = "an amount"
    PAYMENT = "a payment"
    ITEMS = "items with prices"
    TRIPLES = "items as size, name, price"
    QUANTITIES = "items as name, quantity, price"
    CARD = "a card or phone number"
    CONTACT = "an e-mail address"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Moment:
    """How a day or a time is written, from its parts. ``order`` is "" if day and month could be either way."""

    order: str
    has_two_digit_year: bool
    has_word: bool
    parts: tuple[tuple[str, str], ...]

    def part(self, name: str) -> str:
        """Return a part as it was written; "" if there is none."""
        return dict(self.parts).get(name, "")


# Each cell of a few thousand lines is looked at several times, and most texts return.
@lru_cache(maxsize=100_000)
def look_of(text: str) -> Look:
    """Say what a cell looks like."""
    text = text.strip()
    if not text or text.casefold() in NOTHINGS:
        return Look.BLANK
    if moment := moment_of(text):
        has_day, has_clock = bool(moment.part("first")), bool(moment.part("hour"))
        return (Look.MOMENT if has_clock else Look.DAY) if has_day else Look.CLOCK
    if amount := _AMOUNT.fullmatch(text):
        if amount["whole"] and not (amount["decimal"] or amount["currency"] or amount["after"]):
            return Look.WHOLE
        if amount["whole"] or amount["pence"]:
            return Look.AMOUNT
    if basket := _basket_look(text):
        return basket
    if _CARD.fullmatch(text) or has_card_or_phone(text):
        return Look.CARD
    if has_e_mail(text):
        return Look.CONTACT
    return Look.PAYMENT if canonical_payment(text) else Look.TEXT


def moment_of(text: str) -> Moment | None:
    """Read how a day, a clock, or both are written; None if the text is neither."""
    text = text.strip()
    forms = (_MOMENT, _DAY_ALONE, _CLOCK_ALONE, _WORDED_MOMENT, _WORDED_DAY_ALONE)
    found = next((found for form in forms if (found := form.fullmatch(text))), None)
    if not found:
        return None
    parts = {name: value or "" for name, value in found.groupdict().items()}
    if "hour" in parts and not canonical_clock(f"{parts['hour']}:{parts['minute']}"):
        return None
    order, is_short, has_word = "", False, False
    if "first" in parts:
        has_word = parts["first"].isalpha() or parts["second"].isalpha()
        if "weekday" in parts and not has_word:
            return None
        first, second, third = (parts[name] for name in ("first", "second", "third"))
        if len(first) == 4 and not first.isalpha() and len(third) <= 2:
            order = "" if has_word else YEAR_FIRST
        elif has_word and len(third) in (2, 4) and first.isalpha() is not second.isalpha():
            is_short = len(third) == 2
        elif not has_word and len(first) <= 2 and len(third) in (2, 4):
            order = DAY_FIRST if int(first) > 12 else MONTH_FIRST if int(second) > 12 else ""
            is_short = len(third) == 2
        else:
            return None
    return Moment(order, is_short, has_word, tuple(parts.items()))


@dataclass(frozen=True, slots=True)
class Amount:
    """How an amount is written; each mark is "" if it has none. ``pence`` is its value."""

    pence: int
    currency: str
    decimal: str
    thousands: str


def amount_of(text: str) -> Amount | None:
    """Read how an amount is written; None if the text is none."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found or not (found["whole"] or found["pence"]):
        return None
    whole = re.sub(r"\D", "", found["whole"]) or "0"
    pence = int(whole) * 100 + int((found["pence"] or "0").ljust(2, "0"))
    is_negative = found["sign"] or found["minus"] or text.strip().endswith("-")
    currency = found["currency"] or found["after"] or ""
    return Amount(-pence if is_negative else pence, currency, found["decimal"] or "", found["thousands"] or "")


def basket_sum(text: str, look: Look) -> int | None:
    """Add up the prices of a basket, in pence; None if one cannot be read."""
    cells = [cell.strip() for cell in plain_basket(text).split(",")]
    if look is Look.ITEMS:
        prices = [(item.rpartition(" - ")[2], "1") for item in plain_basket(text).split(", ")]
    elif look is Look.TRIPLES:
        prices = [(price, "1") for price in cells[2::3]]
    else:
        prices = list(zip(cells[2::3], cells[1::3], strict=True))
    read = [(amount_of(price), count) for price, count in prices]
    return sum(amount.pence * int(count) for amount, count in read if amount) if all(one for one, _ in read) else None


def plain_basket(text: str) -> str:
    """Write the prices of items with a point, and without a currency's sign or a minus."""
    unsigned = _NEGATIVE.sub(" - ", _SIGNS.sub("", text))
    return _PRICE_AT_END.sub(lambda found: found[0].replace(",", "."), unsigned)


def price_in_basket(text: str, look: Look) -> Amount | None:
    """Read how the first price in a basket is written; None if there is none."""
    if look is Look.ITEMS:
        found = _PRICE_AT_END.search(text)
        return amount_of(found[0].removeprefix(" - ")) if found else None
    cells = text.split(",")
    return amount_of(cells[2]) if len(cells) > 2 else None


def is_like_a_person(text: str) -> bool:
    """Return whether a text is two to four words that all begin with a capital letter."""
    text = text.strip()
    words = text.split()
    if not _PERSON.fullmatch(text) or words[0].casefold() in _SIZES:
        return False
    return all(word[:1].isupper() for word in words)


def _basket_look(text: str) -> Look | None:
    plain = plain_basket(text)
    if " - " in plain and all(map(canonical_item, plain.split(", "))):
        return Look.ITEMS
    cells = [cell.strip() for cell in plain.split(",")]
    if len(cells) < 3 or len(cells) % 3:
        return None
    if _are_quantities(cells[1::3]) and all(map(amount_of, cells[2::3])):
        return Look.QUANTITIES
    if all(map(amount_of, cells[2::3])) and all(map(canonical_item, split_basket(plain))):
        return Look.TRIPLES
    return None


def _are_quantities(cells: Sequence[str]) -> bool:
    return all(cell.isascii() and cell.isdigit() and int(cell) <= MOST_QUANTITY for cell in cells)
