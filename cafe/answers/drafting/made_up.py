"""Made-up orders in the shape of a foreign file: its header, times, amounts and words of payment, and invented people.

No cell of the file is copied, except for words of payment that a list knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cafe.answers.drafting.guess import Guess
from cafe.answers.drafting.sample import Facts
from cafe.answers.drafting.spelling import Look, Moment, moment_of
from extract.cells import canonical_payment
from extract.dialects.document import (
    BY_BLANKS,
    BY_LINE,
    CONSTANT,
    DAY_FIRST,
    ITEM_KINDS,
    KEY,
    LINES,
    MONTH_FIRST,
    QUANTITY,
    YEAR_FIRST,
)

CAFE = "Leeds"
# A name that a till of this café may give a file.
KEY_OF_CAFE, CAFE_OF_KEY = "2021/8/25/leeds_25-08-2021_21-00-00.csv", "leeds"
DAY, MONTH_WORD = ("2021", "08", "25"), "August"
PEOPLE = ("Ada Tester", "Ben Sample")
# A number for tests, an address of a domain that nobody can have, and a telephone of Ofcom's numbers for drama.
CARD, ADDRESS, TELEPHONE = "5494000000000016", "ada@example.com", "07700 900123"


@dataclass(frozen=True, slots=True)
class Item:
    """A product that was sold. Prices are in pence."""

    size: str
    name: str
    flavour: str
    quantity: int
    pence: int


ORDERS = (
    ("09:05", (Item("Large", "Latte", "", 1, 245), Item("", "Ham toastie", "", 1, 350))),
    ("09:16", (Item("Regular", "Mocha", "Vanilla", 2, 270),)),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A small file, its name in the bucket, and the rows that its orders are, as a document writes them."""

    text: str
    key: str
    rows: tuple[str, ...]


def example_of(guess: Guess) -> Example:
    """Write made-up orders as the file would, if the guess is right."""
    orders = [_fitted(guess, clock, items) for clock, items in ORDERS]
    if guess.grammar == LINES and guess.group == BY_LINE:
        orders = [(clock, items[:1]) for clock, items in orders]
    words = _payments(guess)
    cells = [list(guess.sample.header)] if guess.sample.header else []
    rows = []
    for number, (clock, items) in enumerate(orders):
        word, payment = words[number % len(words)]
        cells += _lines(guess, number, clock, items, word)
        rows.append(_canonical(guess, clock, items, payment))
    text = "".join(guess.sample.delimiter.join(_quoted(guess, cell) for cell in line) + "\n" for line in cells)
    return Example(text, KEY_OF_CAFE if guess.branch_from == KEY else "", tuple(rows))


def _quoted(guess: Guess, cell: str) -> str:
    is_plain = not any(special in cell for special in (guess.sample.delimiter, '"', "\n", "\r"))
    return cell if is_plain else '"{}"'.format(cell.replace('"', '""'))


def _fitted(guess: Guess, clock: str, items: Sequence[Item]) -> tuple[str, Sequence[Item]]:
    """Leave out what the file has no cell for."""
    is_lines = guess.grammar == LINES
    has_size = guess.column("size") is not None or guess.grammar == "items"
    has_flavour = guess.column("flavour") is not None
    has_quantity = guess.column("quantity") is not None or guess.grammar == QUANTITY
    return (clock if guess.column("time") or guess.column("clock") else guess.clock), [
        Item(
            item.size if has_size else "",
            item.name,
            item.flavour if has_flavour and is_lines else "",
            item.quantity if has_quantity else 1,
            item.pence,
        )
        for item in items
    ]


def _payments(guess: Guess) -> list[tuple[str, str]]:
    """Return words of payment with what they mean: of the file, if it has some."""
    if guess.payment_from == CONSTANT:
        return [("", guess.payment_is)]
    known = {canonical_payment(word): word for word in reversed(guess.payment_words)}
    return [(word, meaning) for meaning, word in sorted(known.items())] or [("CARD", "CARD"), ("CASH", "CASH")]


def _lines(guess: Guess, number: int, clock: str, items: Sequence[Item], word: str) -> list[list[str]]:
    total = sum(item.pence * item.quantity for item in items)
    lines = []
    for place, item in enumerate(items if guess.grammar == LINES else items[:1]):
        is_first_line = not place or guess.group != BY_BLANKS
        lines.append(
            [
                _cell(guess, facts, number, clock, item, items, total, word)
                if is_first_line or guess.kinds[facts.place] in ITEM_KINDS
                else ""
                for facts in guess.sample.columns
            ]
        )
    return lines


def _cell(
    guess: Guess, facts: Facts, number: int, clock: str, item: Item, items: Sequence[Item], total: int, word: str
) -> str:
    match guess.kinds[facts.place]:
        case "time" | "date" | "clock":
            return _when(guess, facts, clock)
        case "branch":
            return CAFE
        case "till":
            return str(number + 1)
        case "order":
            return str(1001 + number)
        case "basket":
            return _basket(guess, facts, items)
        case "item":
            return item.name
        case "size":
            return item.size
        case "flavour":
            return item.flavour
        case "quantity":
            return str(item.quantity)
        case "price":
            return _money(guess, item.pence)
        case "amount":
            return _money(guess, item.pence * item.quantity)
        case "total":
            return _money(guess, total)
        case "discount":
            return _money(guess, 0)
        case "payment":
            return word
        case _ if facts.look in (Look.MOMENT, Look.DAY, Look.CLOCK):
            return _when(guess, facts, clock)
        case _:
            return _dropped(guess, facts, number, is_personal=guess.kinds[facts.place] == "personal")


def _dropped(guess: Guess, facts: Facts, number: int, *, is_personal: bool) -> str:
    """Make up a cell that is not read."""
    match facts.look:
        case Look.TEXT if not is_personal:
            return "x"
        case Look.CARD:
            return CARD
        case Look.CONTACT:
            return ADDRESS
        case Look.TEXT if facts.words & {"phone", "telephone", "tel", "mobile"}:
            return TELEPHONE
        case Look.TEXT | Look.PAYMENT:
            return PEOPLE[number % len(PEOPLE)]
        case Look.WHOLE:
            return str(number + 1)
        case Look.AMOUNT:
            return _money(guess, 0)
        case _:
            return ""


def _when(guess: Guess, facts: Facts, clock: str) -> str:
    """Write a day, a clock or both as the column does."""
    moments = [moment for value in facts.filled if (moment := moment_of(value))]
    shape = moments[0]
    is_padded = all(
        len(moment.part(name)) == 2 for moment in moments for name in ("first", "hour") if moment.part(name).isdigit()
    )
    day = _day(shape, guess.day_order) if shape.part("first") else ""
    if not shape.part("hour"):
        return day
    hour = clock[:2] if is_padded or len(shape.part("hour")) == 2 else clock[:2].lstrip("0")
    seconds = ":00" if shape.part("seconds") else ""
    fraction = f"{shape.part('fraction')[0]}000" if shape.part("fraction") else ""
    half = f"{shape.part('half')[: -len(shape.part('half').strip())]}AM" if shape.part("half") else ""
    offset = "Z" if shape.part("offset").strip().upper() == "Z" else "+01:00" if shape.part("offset") else ""
    written = f"{hour}:{clock[3:]}{seconds}{fraction}{half}{offset}"
    return f"{day}{shape.part('between')[:1]}{written}" if day else written


def _day(shape: Moment, order: str) -> str:
    year, month, day = DAY
    year = year[2:] if shape.has_two_digit_year else year
    if len(shape.part("first")) == 4 and not shape.part("first").isalpha():
        order = YEAR_FIRST
    if shape.has_word:
        order = MONTH_FIRST if shape.part("first").isalpha() else order if order == YEAR_FIRST else DAY_FIRST
        month = MONTH_WORD if max(map(len, (shape.part("first"), shape.part("second")))) > 4 else MONTH_WORD[:3]
    places = {DAY_FIRST: (day, month, year), MONTH_FIRST: (month, day, year), YEAR_FIRST: (year, month, day)}
    first, second, third = places[order]
    return f"{first}{shape.part('mark')}{second}{shape.part('mark_2') or shape.part('mark')}{third}"


def _money(guess: Guess, pence: int) -> str:
    mark = "." if guess.decimal == "either" else guess.decimal
    return f"{pence // 100}{mark}{pence % 100:02d}"


def _basket(guess: Guess, facts: Facts, items: Sequence[Item]) -> str:
    if guess.grammar == QUANTITY:
        return ", ".join(f"{item.name}, {item.quantity}, {_money(guess, item.pence)}" for item in items)
    if facts.look is Look.TRIPLES:
        return ",".join(f"{item.size},{item.name},{_money(guess, item.pence)}" for item in items)
    return ", ".join(f"{_label(item)} - {_money(guess, item.pence)}" for item in items)


def _label(item: Item) -> str:
    label = f"{item.size} {item.name}".strip()
    return f"{label} - {item.flavour}" if item.flavour else label


def _canonical(guess: Guess, clock: str, items: Sequence[Item], payment: str) -> str:
    """Write what an order becomes, without the reader of documents: the draft is compared with it."""
    sold = [f"{_label(item)} - {item.pence / 100:.2f}" for item in items for _ in range(item.quantity)]
    total = sum(item.pence * item.quantity for item in items)
    branch = CAFE_OF_KEY if guess.branch_from == KEY else CAFE
    return "\t".join(
        (branch, f"{'-'.join(DAY)} {_clock_of(guess, clock)}:00", ", ".join(sold), f"{total / 100:.2f}", payment)
    )


def _clock_of(guess: Guess, clock: str) -> str:
    """Return the café's clock: in August, it is an hour ahead of a time with Z."""
    column = guess.column("time") or guess.column("clock")
    shape = moment_of(column.filled[0]) if column else None
    if shape and shape.part("offset").strip().upper() == "Z":
        return f"{int(clock[:2]) + 1:02d}{clock[2:]}"
    return clock
