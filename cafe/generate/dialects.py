"""The dialects that branch files arrive in, as values (docs/branch-files.md). Knows their names, not how they print."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cafe.generate.orders import Order


class Feed(StrEnum):
    """The two tills: `a` prints ISO times, payment before total, baskets as triples; `b` is the newer one."""

    A = "a"
    B = "b"


class Layout(StrEnum):
    """How an order becomes lines."""

    ROWS = "rows"
    EXPLODED = "exploded"  # one line an item; the order's own cells are blank on all lines but the first
    FOREIGN = "foreign"  # another system's export: no branch file at all


class RoundTrip(StrEnum):
    """The tool that opened the file and saved it again."""

    NONE = "none"
    EXCEL = "excel"  # no zero padding, totals like 4, card numbers like 7.92528E+15
    PANDAS = "pandas"  # card numbers like 9560000000000028.0


class Ending(StrEnum):
    """What ends a line."""

    LF = "\n"
    CRLF = "\r\n"
    CR = "\r"
    MIXED = "mixed"


# The nine spellings seen; two put the payment before the price. No reader may trust them: the cells decide.
HEADERS = (
    "Timestamp,Location,Customer Name,Items Ordered,Total Amount,Payment Method,Card Number",
    "Date,Location,Customer Name,Items,Total,Payment Method,Card Number",
    (
        'Timestamp of Purchase,Store Name,Customer Name,"Basket Items (Name, Size & Price)",Total Price,'
        "Cash/Card,Card Number (Empty if Cash)"
    ),
    "date_time,Location,full_name,order,amount,payment_type,card_number",
    "date,branch_name,customer,orders,total_price,payment_method,card_number",
    "time, branch, name, order, price, payment, credit-card-number",
    "DATETIME,LOCATION,CUST_NAME,ITEMS_ORDERED,TOTAL_AMOUNT,PAYMENT_METHOD,CARD_NUMBER",
    "timestamp,branch,custumer,basket,price,method,card",
    "timestamp,branch,custumer,basket,method,price,card",
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to print a file of orders; the default is the genuine feed B.

    Raises ValueError for a combination that no tool produces: Excel, pandas and the exploded layout were only ever
    seen on feed B, and one at a time.
    """

    feed: Feed = Feed.B
    layout: Layout = Layout.ROWS
    round_trip: RoundTrip = RoundTrip.NONE
    headers: tuple[str, ...] = ()
    padded: bool = False
    sizeless: bool = False
    blank_lines: bool = False
    trailing_space: bool = False
    final_newline: bool = True
    ending: Ending = Ending.LF
    bom: bool = False
    gzip: bool = False
    shuffled: bool = False

    def __post_init__(self) -> None:
        """Refuse what was never seen."""
        handled = (self.layout is not Layout.ROWS) + (self.round_trip is not RoundTrip.NONE)
        if handled > 1:
            raise ValueError(f"a file is either {self.layout} or went through {self.round_trip}, never both")
        if handled and self.feed is Feed.A:
            raise ValueError("only feed b is ever exploded, foreign, or saved again by Excel or pandas")

    @property
    def suffix(self) -> str:
        """Return the file name's ending, `.csv` or `.csv.gz`."""
        return ".csv.gz" if self.gzip else ".csv"


def as_printed(order: Order, dialect: Dialect) -> Order:
    """Return the order as a reader of the file can know it: feed B has no seconds, a sizeless file no sizes."""
    if dialect.feed is Feed.B:
        order = order._replace(ordered_at=order.ordered_at.replace(second=0, microsecond=0))
    if dialect.sizeless:
        order = order._replace(items=tuple(item._replace(size="") for item in order.items))
    return order


@dataclass(frozen=True, slots=True)
class NamedDialect:
    """A dialect that the command line offers, with what it stands for; `fault_every` breaks each n-th row (0: none)."""

    about: str
    dialect: Dialect
    fault_every: int = 0

    def on_feed(self, feed: Feed) -> Dialect:
        """Return the dialect as that feed prints it; raises ValueError where the feed cannot."""
        return replace(self.dialect, feed=feed)


NAMED_DIALECTS: Mapping[str, NamedDialect] = {
    "genuine": NamedDialect("as the tills write it", Dialect()),
    "header": NamedDialect("with a header line", Dialect(headers=HEADERS[:1])),
    "headers": NamedDialect("six header lines, in two column orders", Dialect(headers=(HEADERS[7], HEADERS[8]) * 3)),
    "excel": NamedDialect("saved again by Excel", Dialect(round_trip=RoundTrip.EXCEL, ending=Ending.CRLF)),
    "pandas": NamedDialect("saved again by pandas", Dialect(round_trip=RoundTrip.PANDAS, ending=Ending.CRLF)),
    "padded": NamedDialect("every cell padded with blanks to a fixed width", Dialect(padded=True)),
    "exploded": NamedDialect("one line an item", Dialect(layout=Layout.EXPLODED, padded=True)),
    "ragged": NamedDialect(
        "blank lines, and a last line of one space without a newline",
        Dialect(blank_lines=True, trailing_space=True, final_newline=False),
    ),
    "handwritten": NamedDialect(
        "no sizes, and every fifth row broken as hand-written files are", Dialect(sizeless=True), fault_every=5
    ),
    "foreign": NamedDialect("another system's export: no branch file at all", Dialect(layout=Layout.FOREIGN)),
    "crlf": NamedDialect("Windows line ends", Dialect(ending=Ending.CRLF)),
    "cr": NamedDialect("old Macintosh line ends", Dialect(ending=Ending.CR)),
    "mixed-endings": NamedDialect("all three line ends in one file", Dialect(ending=Ending.MIXED)),
    "bom": NamedDialect("a byte order mark in front", Dialect(bom=True)),
    "gzip": NamedDialect("compressed, .csv.gz", Dialect(gzip=True)),
}
