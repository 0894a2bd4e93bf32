"""Turn each cell of a sales row, as a till, Excel or a person wrote it, into its canonical text.

Canonical: times as ``YYYY-MM-DD HH:MM:SS``, money as pounds with two decimals, payment as CARD, CASH or OTHER, a
basket as ``Large Latte - 2.45, Mocha - 2.30``. Two rows that mean the same order have the same canonical cells in every
dialect. The numbering of rows and the ids of orders depend on this.

Every reader is a dictionary that fills itself: it checks a text once and remembers the result, up to a limit. The
result "" means "rejected"; functions such as `basket_fault` find out why, off the fast path. Personal cells have no
reader.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import MAXYEAR, date, datetime, time, timedelta, timezone
from functools import lru_cache
from hashlib import blake2b
from sys import getsizeof
from typing import TYPE_CHECKING

from extract.rules import Rule
from shared.personal_text import CARD_DIGITS, digits_of, has_card_or_phone, has_e_mail, passes_luhn
from shared.visible_text import INVISIBLE, JOINER

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EARLIEST_DAY = date(2000, 1, 1)
# A time that says how far it is from UTC becomes the time on the wall of the café.
CAFES_ZONE = "Europe/London"
# 16 MB hold about 50,000 baskets of 100 characters, which are more than two thirds of a real file's rows.
REMEMBERED_BYTES = 16_000_000
REMEMBERED_ITEMS = 50_000
# What Python keeps for each entry beside its texts.
_ENTRY_BYTES = 100
MAX_NAME_BYTES = 120
# No longer text is searched for other faults, which would cost milliseconds a cell.
MAX_SEARCHED_CHARACTERS = 1_000
_TILL_NUMBER = re.compile(r"(?:till[ _#-]*)?0*([0-9]+)")
# How the tills of both feeds write a payment.
TILL_PAYMENTS = ("CARD", "CASH")
PAYMENTS = (*TILL_PAYMENTS, "OTHER")
# Cards show their digits in groups of at least four.
PART_OF_A_CARD = 4

_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})")
# Windows and browsers put a narrow no-break space before PM.
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?(?:\s?([AP])\.?M\.?)?", re.IGNORECASE)
# What most tills write. In the file of one café, nearly every time is a new text.
_TWO_DIGITS = tuple(f"{number:02d}" for number in range(60))
_USUAL_CLOCKS = {f"{hour}:{minute}": f"{hour}:{minute}:00" for hour in _TWO_DIGITS[:24] for minute in _TWO_DIGITS}
# No place on Earth is further than 14 hours from UTC.
_OFFSET = re.compile(r"(.*[0-9M.]) ?(?:Z|([+-])(0[0-9]|1[0-4])(?::?([0-5][0-9]))?)", re.IGNORECASE)
_MONEY = re.compile(r"£?(?:([0-9]{1,6})(?:\.([0-9]{1,2}))?|\.([0-9]{1,2}))")
# A payment has no digit: a cell with one may be a card's number. Most tills write one of TILL_PAYMENTS, so what reads
# the other words is compiled when it is needed: that takes some milliseconds.
_PAYMENT = r"[A-Z\s_/&().:-]{2,40}"
# Which kind of card, and whose, is not kept. A purse on a telephone is a card for the till's terminal.
_KIND_OF_CARD = (
    "(?:CARD|CREDIT|DEBIT|BANK CARD|CONTACTLESS|TAP|CHIP AND PIN|CHIP PIN|PDQ|EFTPOS|VISA|ELECTRON|MASTER ?CARD|MAESTRO"
    "|AMEX|AMERICAN EXPRESS|DINERS(?: CLUB)?|DISCOVER|JCB|UNION ?PAY|(?:APPLE|GOOGLE|SAMSUNG|G) ?PAY)"
)
_BY_CARD = rf"(?:PAID )?(?:BY )?{_KIND_OF_CARD}(?: {_KIND_OF_CARD})*(?: PAYMENT| SALE)?"
_IN_CASH = "(?:PAID )?(?:IN |BY )?CASH(?: PAYMENT| SALE)?"
# Neither in the drawer nor on the terminal's statement. What may be any of the three, as "Pending" or "Cash/Card", is
# not in this list: a person has to say which it was.
_ANOTHER_WAY = frozenset(
    {
        "OTHER", "GIFT CARD", "GIFT VOUCHER", "GIFT CERTIFICATE", "VOUCHER", "STORE CREDIT",
        "LOYALTY", "LOYALTY CARD", "LOYALTY POINTS", "POINTS", "STAMP CARD",
        "ACCOUNT", "ON ACCOUNT", "HOUSE ACCOUNT", "CUSTOMER ACCOUNT", "INVOICE", "BANK TRANSFER",
        "ONLINE", "ONLINE PAYMENT", "PAID ONLINE", "APP", "MOBILE", "MOBILE PAYMENT", "PAYPAL", "DELIVEROO",
        "UBER EATS", "JUST EAT", "WALLET", "DIGITAL WALLET", "E WALLET",
    }
)  # fmt: skip
# Python counts some of these as blanks. A line feed is one: it is the line break in a quoted cell.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
# What people and programs write before or around an amount that they gave back.
_NEGATIVE = r"[(]\s*£?[-\u2212\u2013]?(.*)[)]|£?[-\u2212\u2013]\s*(.*)|(.*)-"
# A number before one of these is a size and no price: Sparkling water - 330 ml - 1.80
_UNITS = "[mcd]?l|k?g|oz|lb"
_PRICE_INSIDE = re.compile(
    rf" - (?:£(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?! (?:{_UNITS})(?:[ ,]|$)))(?:[ ,]|$)",
    re.IGNORECASE,
)


class Remembered(dict[str, str]):
    """A cache of one pure function of a cell's text. It holds at most REMEMBERED_BYTES, however long the texts are."""

    def __init__(self, read: Callable[[str], str]) -> None:
        super().__init__()
        self._read = read
        self._free_bytes = REMEMBERED_BYTES

    def __missing__(self, text: str) -> str:
        """Read a new text; clear the cache first if it is full."""
        canonical = self._read(text)
        # If the text is already canonical, key and value are one string, which saves memory.
        canonical = text if canonical == text else canonical
        entry_bytes = _ENTRY_BYTES + getsizeof(text) + (0 if canonical is text else getsizeof(canonical))
        if entry_bytes > self._free_bytes:
            self.clear()
            self._free_bytes = REMEMBERED_BYTES
        self._free_bytes -= entry_bytes
        self[text] = canonical
        return canonical


class CellReaders:
    """One cache for each kept cell.

    ``first_day`` and ``last_day`` are the accepted days of a sale. ``admit`` returns how a café's collapsed name is
    written, or "" if the file may not speak for it. ``zone`` is the café's, for times that say how far they are from
    UTC; a time that does not is the café's already. ``cafe_of_key`` and ``till_of_key`` are the café and the till that
    the file's key names, if any.
    """

    def __init__(
        self,
        last_day: date,
        first_day: date = EARLIEST_DAY,
        admit: Callable[[str], str] = lambda name: name,
        zone: str = CAFES_ZONE,
        cafe_of_key: str = "",
        till_of_key: str = "",
    ) -> None:
        self.first_day, self.last_day, self.zone = first_day, last_day, zone
        self.cafe_of_key = cafe_of_key
        self.till_of_key = till_mark(till_of_key)
        self.days = Remembered(self._canonical_day)
        self.clocks = Remembered(canonical_clock)
        self.branches = Remembered(lambda text: "" if branch_fault(text) else admit(collapse(text)))
        self.totals = Remembered(canonical_money)
        self.payments = Remembered(canonical_payment)
        self._times = Remembered(self._canonical_time)
        self._items = Remembered(canonical_item)
        self._triples = Remembered(lambda text: canonical_item(split_basket(text)[0]))
        self._canonical_items: set[str] = set()
        self._baskets = Remembered(self._canonical_basket)

    def ordered_at(self, text: str) -> str:
        """Read a day and a clock in any accepted form (docs/branch-files.md); "" if rejected."""
        written_day, _, written_clock = text.partition(" ")
        day, clock = self.days[written_day], self.clocks[written_clock]
        if day and clock:
            return f"{day} {clock}"
        return self._times[text]

    def _canonical_day(self, text: str) -> str:
        day = parse_day(text)
        return day.isoformat() if day and self.first_day <= day <= self.last_day else ""

    def _canonical_time(self, text: str) -> str:
        return self.time_in(text, self.zone)

    def time_in(self, text: str, zone: str) -> str:
        """Read a time whose distance from UTC, if it says one, is converted to a zone; "" if rejected."""
        day, clock = parse_time(text, zone)
        return f"{day} {clock}" if day and clock and self.first_day <= day <= self.last_day else ""

    def basket(self, text: str) -> str:
        """Read the items of an order; "" if one of them is rejected.

        Most tills write canonical items, which make a canonical basket. Such a basket is not cached: a third of them
        are new, and caching those costs more time than the others save.
        """
        return text if self._canonical_items.issuperset(text.split(", ")) else self._baskets[text]

    def _canonical_basket(self, text: str) -> str:
        if ", " not in text and (triples := self._canonical_triples(text)):
            return self.joined(triples)
        items, written = self._items, text.split(", ")
        canonical = [items[item] for item in written]
        if not all(canonical):
            canonical = [items[item] for item in split_basket(text)]
        elif canonical == written and len(self._canonical_items) < REMEMBERED_ITEMS:
            # A basket with an item that is left out here is read with all its items each time its text is new.
            self._canonical_items.update(item for item in written if not part_of_a_card(item))
        return self.joined(canonical)

    @staticmethod
    def joined(canonical: Sequence[str]) -> str:
        """Make a basket of canonical items; "" if one of them is rejected, or if a card number is in several."""
        return ", ".join(canonical) if all(canonical) and not split_card(canonical) else ""

    def _canonical_triples(self, text: str) -> list[str]:
        """Read a basket of feed A's triples, each once; [] if it is none, or if one is rejected."""
        cells = text.split(",")
        if len(cells) % 3:
            return []
        triples = zip(cells[0::3], cells[1::3], cells[2::3], strict=True)
        items = [self._triples[f"{size},{name},{price}"] for size, name, price in triples]
        return items if all(items) else []


def first_day_for(written_at: datetime, oldest_sale_days: int) -> date:
    """Return the earliest accepted day of a sale in the file of a café, which S3 received at ``written_at``."""
    return max(EARLIEST_DAY, written_at.date() - timedelta(days=oldest_sale_days))


def last_day_for(written_at: datetime) -> date:
    """Return the latest accepted day of a sale: the day after the file was written, as some clocks run ahead."""
    return written_at.date() + timedelta(days=1)


def collapse(text: str) -> str:
    """Trim a cell, replace any blanks by one space, and compose accents (NFC), so that equal names are equal texts."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def parse_day(text: str) -> date | None:
    """Read ``25/08/2021``, ``9-5-2023`` (always day first) or ``2021-02-23``; None if it is not a day."""
    text = text.strip()
    if found := _DAY_FIRST.fullmatch(text):
        day, _, month, year = found.groups()
    elif found := _YEAR_FIRST.fullmatch(text):
        year, _, month, day = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def canonical_clock(text: str) -> str:
    """Read ``9:00``, ``09:00:48.120`` or ``2:15 PM`` as ``HH:MM:SS``; "" if it is not a time of day."""
    if usual := _USUAL_CLOCKS.get(text):
        return usual
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return ""
    *numbers, half = found.groups()
    hour, minute, second = (int(number or 0) for number in numbers)
    if half:
        if not 1 <= hour <= 12:
            return ""
        # 12 AM is midnight, and 12 PM is noon.
        hour = hour % 12 + (12 if half in "Pp" else 0)
    return f"{hour:02d}:{minute:02d}:{second:02d}" if hour < 24 and minute < 60 and second < 60 else ""


def parse_time(text: str, zone: str) -> tuple[date | None, str]:
    """Read a day, then a blank or ``T``, then a clock; None or "" for the part that cannot be read.

    ``2021-08-25T09:01:00Z`` and ``2021-08-25 09:02+01:00`` are converted to ``zone``, a key of the time zone database.
    """
    written_day, clock = _parts_of_time(text)
    offset = _OFFSET.fullmatch(clock)
    day, canonical = parse_day(written_day), canonical_clock(offset[1] if offset else clock)
    # Beyond these years nothing is accepted, and a conversion may leave the calendar. The evening before the first day
    # in UTC may be that day further east.
    if not offset or not canonical or day is None or not EARLIEST_DAY.year - 1 <= day.year < MAXYEAR:
        return day, canonical
    _, sign, hours, minutes = offset.groups()
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    moment = datetime.combine(day, time.fromisoformat(canonical), timezone(ahead)).astimezone(time_zone(zone))
    return moment.date(), f"{moment:%H:%M:%S}"


def time_zone(key: str) -> "ZoneInfo":
    """Return a zone of the time zone database. Raises KeyError, ValueError or OSError if it has none of this key."""
    # Few files need one, and each cold start would pay for the import.
    from zoneinfo import ZoneInfo

    return ZoneInfo(key)


def begins_with_day(text: str) -> bool:
    """Return whether a cell or a line begins with a day, whatever follows it."""
    return parse_day(_parts_of_time(text)[0]) is not None


def _parts_of_time(text: str) -> tuple[str, str]:
    day, blank, clock = collapse(text).partition(" ")
    if not blank:
        day, _, clock = day.upper().partition("T")
    return day, clock


def canonical_money(text: str) -> str:
    """Read pounds as ``4``, ``4.6``, ``.60`` or ``£4.60`` and write ``4.60``; "" for anything else, such as a sign."""
    found = _MONEY.fullmatch(text.strip())
    if not found:
        return ""
    pounds, pence, pence_alone = found.groups()
    return f"{int(pounds or 0)}.{(pence or pence_alone or '').ljust(2, '0')}"


def canonical_refund(text: str) -> str:
    """Read ``-2.45``, ``£-2.45`` or ``(2.45)`` as ``2.45``; "" if an amount has no minus and is not in brackets."""
    found = re.fullmatch(_NEGATIVE, text.strip())
    return canonical_money(found[1] or found[2] or found[3] or "") if found else ""


def is_refund(text: str) -> bool:
    """Return whether a text is an amount with a minus or in brackets."""
    return bool(canonical_refund(text))


def canonical_payment(text: str) -> str:
    """Read how an order was paid, in any case, as CARD, CASH or OTHER; "" for anything else (docs/branch-files.md)."""
    payment = text.strip().upper()
    if payment in PAYMENTS:
        return payment
    if not re.fullmatch(_PAYMENT, payment):
        return ""
    words = " ".join(re.findall("[A-Z]+", payment))
    if re.fullmatch(_BY_CARD, words):
        return "CARD"
    if re.fullmatch(_IN_CASH, words):
        return "CASH"
    return "OTHER" if words in _ANOTHER_WAY else ""


def till_mark(text: str) -> str:
    """Return the mark by which orders of one till differ from equal ones of another; "" if no till is named.

    Only a hash is kept, because a till's name may be that of a person. ``Till 02``, ``till-2`` and ``2`` are one till.
    """
    name = collapse(text).casefold()
    if not name:
        return ""
    number = _TILL_NUMBER.fullmatch(name)
    return f"-{blake2b((number[1] if number else name).encode(), digest_size=4).hexdigest()}"


def canonical_item(text: str, *, is_alone: bool = False) -> str:
    """Read one item of feed B, ``Large Latte - 2.45``; "" if `item_fault` finds a fault."""
    if item_fault(text, is_alone=is_alone):
        return ""
    label, _, price = collapse(text).rpartition(" - ")
    return f"{label} - {canonical_money(price)}"


def split_basket(text: str) -> list[str]:
    """Split a basket of feed A or B into items in feed B's form.

    Feed B joins items by commas. Feed A writes flat triples of size, name and price; a size may be empty
    (docs/branch-files.md).
    """
    cells = [cell.strip() for cell in text.split(",")]
    if len(cells) % 3 == 0 and all(canonical_money(price) for price in cells[2::3]):
        triples = zip(cells[0::3], cells[1::3], cells[2::3], strict=True)
        return [f"{size} {name} - {price}".strip() for size, name, price in triples]
    items: list[str] = []
    for cell in cells:
        if items and is_one_name(f"{items[-1]}, {cell}"):
            items[-1] += f", {cell}"
        else:
            items.append(cell)
    return items


def is_one_name(text: str) -> bool:
    """Return whether the commas of a text are in the name of one product: Ham, cheese & leek toastie - 4.50

    The name begins with a capital letter and goes on with small ones, and no price comes before a comma. So an item
    that has lost its price does not swallow the next one, which begins with a capital letter.
    """
    *begun, last = collapse(text).split(", ")
    starts = [part[:1] for part in (*begun[1:], last)]
    return begun[:1] != [] and text[:1].isupper() and all(map(str.islower, starts)) and " - " not in ", ".join(begun)


def text_fault(text: str) -> Rule | None:
    """Return the rule that a kept text breaks if it holds an invisible character; None if it does not."""
    # Python prints neither control, format, private and unassigned characters nor surrogates. It prints U+FFFD, which
    # a program writes in the place of a character that it could not read.
    text = JOINER.sub("", text)
    if _CONTROL.search(text.strip()) or not collapse(text).isprintable() or INVISIBLE.search(text) or "\ufffd" in text:
        return Rule.CONTROL_CHARACTER
    return None


def name_fault(name: str) -> Rule | None:
    """Return the rule that a collapsed name breaks if it may identify a person; None if it does not."""
    if has_card_or_phone(name):
        return Rule.POSSIBLE_CARD_NUMBER
    if has_e_mail(name):
        return Rule.POSSIBLE_CONTACT
    return None


def branch_fault(text: str) -> Rule | None:
    """Return why a branch is rejected; None if it is not."""
    name = collapse(text)
    if len(name) > MAX_SEARCHED_CHARACTERS:
        return Rule.BAD_BRANCH
    if fault := text_fault(text) or name_fault(name):
        return fault
    if name.count('"') % 2:
        # A comma was lost before a quoted cell, so a part of the customer's name is here: Leeds "Tester, Ada"
        return Rule.STRAY_QUOTE
    if len(name.encode()) > MAX_NAME_BYTES or not any(character.isalpha() for character in name):
        return Rule.BAD_BRANCH
    return None


def timestamp_fault(text: str, last_day: date, zone: str = CAFES_ZONE) -> Rule:
    """Return why a time is rejected: it cannot be read, no sale has it, or it is too old for the file's sender."""
    day, clock = parse_time(text, zone)
    if day is None or not clock:
        return Rule.BAD_TIMESTAMP
    return Rule.SALE_TOO_OLD if EARLIEST_DAY <= day <= last_day else Rule.DATE_OUT_OF_RANGE


def item_fault(text: str, *, is_alone: bool = False) -> Rule | None:
    """Return why one item in feed B's form is rejected; None if it is not.

    ``is_alone`` if it comes from a cell of its own, in which a comma is a part of the name.
    """
    label, separator, price = collapse(text).rpartition(" - ")
    if len(label or price) > MAX_SEARCHED_CHARACTERS:
        return Rule.BAD_ITEM
    if fault := text_fault(text) or name_fault(label if separator else price):
        return fault
    if not separator or not canonical_money(price):
        return Rule.REFUND_NOT_SUPPORTED if separator and is_refund(price) else Rule.ITEM_WITHOUT_PRICE
    if _PRICE_INSIDE.search(label):
        return Rule.ITEMS_NOT_SEPARATED
    is_several = "," in label and not (is_alone or (label.count(",") == label.count(", ") and is_one_name(label)))
    if len(label.encode()) > MAX_NAME_BYTES or is_several or not any(character.isalpha() for character in label):
        return Rule.BAD_ITEM
    return None


def split_card(items: Sequence[str]) -> int:
    """Return the position, from 1, of the item with which a card number begins that several items share; 0 if none.

    ``items`` are in feed B's form. Only a number that a card can have counts: two different blends with a year in their
    names are an order. The same item several times is one too.
    """
    found = list(map(part_of_a_card, items))
    if not any(found):
        return 0
    parts = [(position, part) for position, part in enumerate(found, start=1) if part]
    for first, (position, _) in enumerate(parts):
        for count in range(2, CARD_DIGITS[-1] // PART_OF_A_CARD + 1):
            window = [part for _, part in parts[first : first + count]]
            digits = "".join(window)
            if len(digits) in CARD_DIGITS and len(set(window)) > 1 and passes_luhn(digits):
                return position
    return 0


# Every new basket of feed A asks for all its items. They are canonical, so their names are short.
@lru_cache(maxsize=5_000)
def part_of_a_card(item: str) -> str:
    """Return the digits in an item's name if they are enough to be a part of a card number; otherwise ""."""
    digits = digits_of(item.rpartition(" - ")[0])
    return digits if len(digits) >= PART_OF_A_CARD else ""


def _refund_in_triples(text: str) -> int:
    """Return the position, from 1, of the first refund among triples of size, name and price; 0 if there is none."""
    cells = text.split(",")
    prices = cells[2::3] if len(cells) % 3 == 0 else []
    refunds = [position for position, price in enumerate(prices, start=1) if is_refund(price)]
    return refunds[0] if refunds and all(canonical_money(price) or is_refund(price) for price in prices) else 0


def basket_fault(text: str) -> tuple[Rule, str]:
    """Return why a basket is rejected, and the position of the faulty item, from 1."""
    if not text.strip():
        return Rule.EMPTY_BASKET, ""
    if position := _refund_in_triples(text):
        return Rule.REFUND_NOT_SUPPORTED, f"item {position}"
    items = split_basket(text)
    for position, item in enumerate(items, start=1):
        if fault := item_fault(item):
            return fault, f"item {position}"
    return fault_together(items)


def fault_together(items: Sequence[str]) -> tuple[Rule, str]:
    """Return why a basket of items is rejected of which none has a fault of its own, and where the fault begins."""
    if position := split_card([canonical_item(item, is_alone=True) for item in items]):
        return Rule.POSSIBLE_CARD_NUMBER, f"item {position}"
    raise AssertionError("a basket without a fault was rejected")
