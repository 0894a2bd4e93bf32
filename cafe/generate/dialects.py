"""The dialects of branch files, as values (docs/branch-files.md). Does not know how they are printed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cafe.generate.orders import Order


class Feed(StrEnum):
    """The two feeds. `a` has ISO times, payment before total and baskets as triples; `b` is the newer one."""

    A = "a"
    B = "b"


class Layout(StrEnum):
    """How an order is written as lines."""

    ROWS = "rows"
    EXPLODED = "exploded"  # one line per item; only the first line has the order's cells
    FOREIGN = "foreign"  # another system's export, which is not a branch file


class RoundTrip(StrEnum):
    """The program that opened the file and saved it again."""

    NONE = "none"
    EXCEL = "excel"  # no zero padding, totals like 4, card numbers like 7.92528E+15
    PANDAS = "pandas"  # card numbers like 9560000000000028.0


class Ending(StrEnum):
    """What ends a line."""

    LF = "\n"
    CRLF = "\r\n"
    CR = "\r"
    MIXED = "mixed"


# The nine spellings that were seen. Two put the payment before the price, even over rows of feed B.
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
    """One way to print a file of orders. The default is feed B, unchanged.

    Raises ValueError for a combination that no program produces: Excel, pandas and the exploded layout were only seen
    on feed B, and one at a time.
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
        """Reject combinations that were never seen."""
        handled = (self.layout is not Layout.ROWS) + (self.round_trip is not RoundTrip.NONE)
        if handled > 1:
            raise ValueError(f"a file is either {self.layout} or saved by {self.round_trip}, never both")
        if handled and self.feed is Feed.A:
            raise ValueError("only feed b can be exploded, foreign, or saved again by Excel or pandas")

    @property
    def suffix(self) -> str:
        """Return the file name's extension, `.csv` or `.csv.gz`."""
        return ".csv.gz" if self.gzip else ".csv"


def as_printed(order: Order, dialect: Dialect) -> Order:
    """Return the order with the facts that the file holds: feed B has no seconds, a sizeless file has no sizes."""
    if dialect.feed is Feed.B:
        order = order._replace(ordered_at=order.ordered_at.replace(second=0, microsecond=0))
    if dialect.sizeless:
        order = order._replace(items=tuple(item._replace(size="") for item in order.items))
    return order


@dataclass(frozen=True, slots=True)
class NamedDialect:
    """A dialect of `cafe generate`, with a description; `fault_every` breaks every n-th row (0: none)."""

    about: str
    dialect: Dialect
    fault_every: int = 0

    def on_feed(self, feed: Feed) -> Dialect:
        """Return the dialect on that feed. Raises ValueError if the feed never has it."""
        return replace(self.dialect, feed=feed)


NAMED_DIALECTS: Mapping[str, NamedDialect] = {
    "genuine": NamedDialect("as the tills write it", Dialect()),
    "header": NamedDialect("with a header line", Dialect(headers=HEADERS[:1])),
    "headers": NamedDialect("six header lines, in two column orders", Dialect(headers=(HEADERS[7], HEADERS[8]) * 3)),
    "excel": NamedDialect("saved again by Excel", Dialect(round_trip=RoundTrip.EXCEL, ending=Ending.CRLF)),
    "pandas": NamedDialect("saved again by pandas", Dialect(round_trip=RoundTrip.PANDAS, ending=Ending.CRLF)),
    "padded": NamedDialect("every cell padded with blanks to a fixed width", Dialect(padded=True)),
    "exploded": NamedDialect("one line per item", Dialect(layout=Layout.EXPLODED, padded=True)),
    "ragged": NamedDialect(
        "blank lines, and a last line of one space without a newline",
        Dialect(blank_lines=True, trailing_space=True, final_newline=False),
    ),
    "handwritten": NamedDialect(
        "no sizes, and every fifth row broken like a hand-written one", Dialect(sizeless=True), fault_every=5
    ),
    "foreign": NamedDialect("another system's export, which is rejected", Dialect(layout=Layout.FOREIGN)),
    "crlf": NamedDialect("Windows line ends", Dialect(ending=Ending.CRLF)),
    "cr": NamedDialect("old Macintosh line ends", Dialect(ending=Ending.CR)),
    "mixed-endings": NamedDialect("all three line ends in one file", Dialect(ending=Ending.MIXED)),
    "bom": NamedDialect("a byte order mark at the start", Dialect(bom=True)),
    "gzip": NamedDialect("compressed, .csv.gz", Dialect(gzip=True)),
}
