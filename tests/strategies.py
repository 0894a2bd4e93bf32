"""Hypothesis strategies: any orders that a till could record, in any dialect, and any document of a dialect."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from hypothesis import strategies as st

from cafe.generate.dialects import HEADERS, Dialect, Ending, Feed, Layout, RoundTrip
from cafe.generate.documents import Habits
from cafe.generate.orders import Item, Order
from extract.dialects.document import (
    BY_BLANKS,
    BY_CELLS,
    BY_HEADER,
    BY_LINE,
    BY_ORDER,
    BY_TIME,
    COLUMN,
    CONSTANT,
    DAY_FIRST,
    DECIMALS,
    DELIMITERS,
    FOUR_DIGITS,
    ITEMS,
    KEY,
    LINES,
    MONTH_FIRST,
    NUMBERS,
    QUANTITY,
    STATED,
    SUMMED,
    THOUSANDS,
    TWO_DIGITS,
    UTF_8,
    WINDOWS,
    WORDS,
    YEAR_FIRST,
    Document,
    read_document,
)

GENUINE_BRANCHES = ("Leeds", "Chesterfield", "London Soho", "Newcastle upon Tyne", "Southend-on-Sea", "Isle of Wight")
ODD_BRANCHES = (
    "Bishop's Stortford",
    "Bell & Crown",
    "Llanfair-ym-Muallt",
    "Café Zoë",
    "York 2",
    "Łódź",
    "St. Ives, Cornwall",
    "U",
)
GENUINE_PRODUCTS = (
    "Latte",
    "Hot Chocolate",  # differs from the next one: two products, two prices
    "Hot chocolate",
    "Flavoured latte - Vanilla",
    "Flavoured hot chocolate - Caramel",
    "Speciality Tea - Earl Grey",
    "Frappes - Strawberries & Cream",
    "Babyccino",
)
ODD_PRODUCTS = (
    "Regularly good tea",
    "Half-and-half",
    "7 Grain & Seed - Semi-skimmed",
    "=2+5 tea",
    "Robert'); drop table orders;--",
)

_SIZES = ("Large", "Regular", "")
# Words for nothing that drawn documents have, in small letters: no product is called so.
_NOTHINGS = ("null", "unknown")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéßñŁø"
_words = st.text(_LETTERS, min_size=1, max_size=8)
_phrases = st.builds(
    lambda words, joint: joint.join(words), st.lists(_words, min_size=1, max_size=3), st.sampled_from((" ", " & ", "-"))
).filter(lambda phrase: phrase.split()[0] not in _SIZES and phrase.casefold() not in _NOTHINGS)
_flavoured = st.builds(lambda name, flavour: f"{name} - {flavour}", _phrases, _phrases)


def branches() -> st.SearchStrategy[str]:
    """Branch names: genuine, odd, and made up."""
    return st.sampled_from(GENUINE_BRANCHES) | st.sampled_from(ODD_BRANCHES) | _phrases


def items() -> st.SearchStrategy[Item]:
    """Items with and without a size, some of them free. A name has its flavour after " - ", and no comma."""
    names = st.sampled_from(GENUINE_PRODUCTS) | st.sampled_from(ODD_PRODUCTS) | _phrases | _flavoured
    return st.builds(Item, st.sampled_from(_SIZES), names, st.integers(0, 9_999))


def baskets() -> st.SearchStrategy[tuple[Item, ...]]:
    """One to six items, often the same item several times."""
    fresh = st.lists(items(), min_size=1, max_size=6).map(tuple)
    repeated = st.builds(lambda item, times: (item,) * times, items(), st.integers(2, 6))
    return fresh | repeated


def customers() -> st.SearchStrategy[str]:
    """Invented customers; some need quotes in a CSV."""
    return st.sampled_from(("Ada Tester", "Ben Sample", "Flo O'Nobody", "Tester, Cy", 'Di "Dot" Madeup')) | _phrases


def card_numbers() -> st.SearchStrategy[str]:
    """Thirteen to seventeen digits, as tills print them."""
    return st.text("0123456789", min_size=12, max_size=16).map(lambda digits: f"4{digits}")


@st.composite
def orders(
    draw: st.DrawFn, *, min_size: int = 0, max_size: int = 25, seconds: bool = False, documents: bool = False
) -> list[Order]:
    """Draw the orders of a file: some branches, each sorted by time. Minutes, baskets and whole orders repeat.

    Times are whole minutes, which both feeds can print; with `seconds`, only feed A can. Neither prints a discount
    or a till: with `documents`, some orders have them.
    """
    cafes = draw(st.lists(branches(), min_size=1, max_size=3, unique=True))
    minutes = st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2026-06-30 23:59")).map(
        lambda time: time.replace(second=time.second if seconds else 0, microsecond=0)
    )
    times = draw(st.lists(minutes, min_size=1, max_size=8))
    menu = draw(st.lists(baskets(), min_size=1, max_size=6))
    menu += [basket[::-1] for basket in menu]  # the same items in another sequence make another order
    sales = draw(
        st.lists(
            st.builds(
                _order,
                st.sampled_from(cafes),
                st.sampled_from(times),
                customers(),
                st.sampled_from(menu),
                st.sampled_from((0, 0, 1, 33, 100) if documents else (0,)),
                st.sampled_from(("", "", "1", "2") if documents else ("",)),
                st.none() | st.tuples(card_numbers(), st.sampled_from(("visa13", "visa16", "mastercard", "discover"))),
            ),
            min_size=min_size,
            max_size=max_size,
        )
    )
    return sorted(sales, key=lambda order: (cafes.index(order.branch), order.ordered_at))


def _order(
    branch: str,
    ordered_at: datetime,
    customer: str,
    items: tuple[Item, ...],
    percent_off: int,
    till: str,
    card: tuple[str, str] | None,
) -> Order:
    number, kind = card or ("", "")
    discount = sum(item.pence for item in items) * percent_off // 100
    return Order(branch, ordered_at, customer, items, "CARD" if card else "CASH", number, kind, discount, till)


def dialects(*, feed: Feed | None = None) -> st.SearchStrategy[Dialect]:
    """Every dialect that loads, in any combination that a tool can produce, of one feed or of both."""
    if feed is None:
        return dialects(feed=Feed.B) | dialects(feed=Feed.A)
    handled = [(Layout.ROWS, RoundTrip.NONE)]
    if feed is Feed.B:
        handled += [(Layout.EXPLODED, RoundTrip.NONE), (Layout.ROWS, RoundTrip.EXCEL), (Layout.ROWS, RoundTrip.PANDAS)]
    return st.builds(
        lambda form, **noise: Dialect(feed=feed, layout=form[0], round_trip=form[1], **noise),
        st.sampled_from(handled),
        headers=st.lists(st.sampled_from(HEADERS), max_size=6).map(tuple),
        padded=st.booleans(),
        sizeless=st.booleans(),
        blank_lines=st.booleans(),
        trailing_space=st.booleans(),
        final_newline=st.booleans(),
        ending=st.sampled_from(Ending),
        bom=st.booleans(),
        gzip=st.booleans(),
        shuffled=st.booleans(),
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a document with any of its options, as far as one file can have them together."""

    def one_of[T](*choices: T) -> T:
        return draw(st.sampled_from(choices))

    grammar = one_of(ITEMS, QUANTITY, LINES, LINES)
    group = one_of(BY_BLANKS, BY_ORDER, BY_TIME, BY_LINE) if grammar == LINES else ""
    # A quantity's cell is divided by commas.
    decimal = "." if grammar == QUANTITY else one_of(*DECIMALS)
    marks = ".," if decimal == "either" else decimal
    thousands = one_of(
        *(mark for mark in THOUSANDS if not (mark and mark in marks) and (mark, grammar) != (",", QUANTITY))
    )
    branch_from, payment_from = one_of(COLUMN, COLUMN, KEY, CONSTANT), one_of(COLUMN, COLUMN, CONSTANT)
    total_from, when = one_of(STATED, SUMMED), one_of("together", "apart", "a day")
    kinds = {"together": ["time"], "apart": ["date", "clock"], "a day": ["date"]}[when]
    kinds += [kind for kind, source in (("branch", branch_from), ("payment", payment_from)) if source == COLUMN]
    kinds += ["total"] if total_from == STATED else []
    if grammar == LINES:
        others = draw(st.sets(st.sampled_from(("size", "flavour", "quantity", "discount"))))
        kinds += ["item", one_of("price", "amount"), *sorted(others)]
        kinds += ["order"] if group == BY_ORDER else []
    else:
        kinds += ["basket", *one_of((), ("discount",))]
    kinds += one_of([], ["till"])
    kinds += draw(st.lists(st.sampled_from(("personal", "ignored")), max_size=3))
    kinds = draw(st.permutations(kinds))
    by = one_of(BY_CELLS, BY_HEADER)
    tables: dict[str, dict[str, object]] = {
        "": {"name": "drawn", "summary": "A till that was drawn."},
        "file": {
            "delimiter": one_of(*DELIMITERS),
            "encoding": one_of(UTF_8, WINDOWS),
            "decimal": decimal,
            "thousands": thousands,
            "currency": one_of("£", "€", "kr"),
            "blanks": one_of([], ["NULL", "Unknown"]),
        },
        "recognise": {"by": by},
        "time": {
            "order": one_of(DAY_FIRST, MONTH_FIRST, YEAR_FIRST),
            "months": one_of(NUMBERS, NUMBERS, WORDS),
            "years": one_of(FOUR_DIGITS, FOUR_DIGITS, TWO_DIGITS),
            "zone": one_of("Europe/London", "Europe/London", "America/New_York", "Asia/Kolkata"),
        },
        "basket": {"grammar": grammar},
        "branch": {"from": branch_from},
        "total": {"from": total_from},
        "payment": {"from": payment_from},
    }
    if by == BY_CELLS:
        # Without a header, more than the time has to show which file this is.
        telling = ("time", "date", "clock", "payment", "total", "price", "amount")
        tables["recognise"]["cells"] = [kind for kind in kinds if kind in telling]
    if when == "a day":
        tables["time"]["clock"] = "06:30"
    if group:
        tables["basket"]["group"] = group
    if branch_from == CONSTANT:
        tables["branch"]["name"] = "Bell & Crown"
    if payment_from == CONSTANT:
        tables["payment"]["is"] = one_of("CARD", "CASH", "OTHER")
    else:
        tables["payment"] |= {"CARD": one_of([], ["Terminal 1"]), "CASH": one_of([], ["In the drawer"])}
    columns = [{"is": kind, "names": [f"{kind} {place}", f"col {place}"]} for place, kind in enumerate(kinds)]
    return read_document(_toml(tables, columns), "drawn.toml")


def _toml(tables: Mapping[str, Mapping[str, object]], columns: Iterable[Mapping[str, object]]) -> str:
    """Write a document. JSON writes texts and lists of texts as TOML does."""
    named: list[tuple[str, Mapping[str, object]]] = [
        (f"[{name}]" if name else "", table) for name, table in tables.items()
    ]
    named += [("[[columns]]", column) for column in columns]
    named += [("[[examples]]", {"text": "none"})]
    return "\n".join(
        "\n".join([heading, *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items())])
        for heading, table in named
    )


def habits() -> st.SearchStrategy[Habits]:
    """What a document leaves to the till: which names, signs and words for nothing it writes."""
    return st.builds(
        Habits,
        spelling=st.integers(0, 9),
        has_signs=st.booleans(),
        has_blank_words=st.booleans(),
        has_minus=st.booleans(),
    )


# Files in the drop folder that are not CSV: name and bytes. The first bytes are real, the rest is invented.
IMPOSTORS = (
    (
        "leeds_20-11-2026.xlsx",
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00[Content_Types].xml" + bytes(range(256)),
    ),
    ("leeds_20-11-2026.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"),
)


def impostors() -> st.SearchStrategy[tuple[str, bytes]]:
    """Files that a branch might drop by mistake, under their own name or under that of a branch file."""
    return st.sampled_from(IMPOSTORS) | st.sampled_from(IMPOSTORS).map(lambda file: ("leeds_20-11-2026.csv", file[1]))
