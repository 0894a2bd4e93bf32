"""Print one order in a dialect: its cells, and its line or lines. Knows no files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from cafe.generate.dialects import Dialect, Feed, Layout, RoundTrip
from cafe.generate.orders import Item, Order

FOREIGN_HEADER = "Sale ID,Customer Name,Product,Quantity,Price,Shop,Payment Type,Card Number,Sale Date,Sale Time"

# Widths of the padded dialect. A longer cell still gets one blank, because the blank is what makes parsing harder.
_WIDTHS = (17, 20, 22, 60, 7, 5, 24)
_EXPLODED_WIDTHS = (17, 20, 22, 40, 6, 7, 5, 24)
# The cache of printed texts is cleared at this size, so that memory does not grow with the number of orders.
_REMEMBERED = 50_000

Cells = list[str]


def rows(orders: Iterable[Order], dialect: Dialect) -> Iterator[str]:
    r"""Print each order as one string: its line, or its lines if exploded, each with "\n" at the end."""
    if dialect.layout is Layout.ROWS and dialect.round_trip is RoundTrip.NONE and not dialect.padded:
        return _plain_rows(orders, dialect)
    return (row(order, dialect) for order in orders)


def row(order: Order, dialect: Dialect) -> str:
    r"""Print one order in any dialect, with "\n" at the end of each line."""
    match dialect.layout:
        case Layout.EXPLODED:
            return "".join(line(cells, dialect, _EXPLODED_WIDTHS) for cells in exploded_cells(order))
        case Layout.FOREIGN:
            return line(foreign_cells(order), dialect)
        case Layout.ROWS:
            return line(cells_of(order, dialect), dialect)


def line(cells: Sequence[str], dialect: Dialect, widths: tuple[int, ...] = _WIDTHS) -> str:
    r"""Join cells to a line with "\n" at the end. Quote the cells that need it; pad all if the dialect does."""
    if not dialect.padded:
        return ",".join([quoted(cell) for cell in cells]) + "\n"
    # The blanks are outside the quotes, which a strict CSV reader does not accept.
    return ",".join([f"{quoted(cell)} ".ljust(width) for cell, width in zip(cells, widths, strict=True)]) + "\n"


def quoted(cell: str, delimiter: str = ",") -> str:
    """Quote a cell only if necessary, as the tills do."""
    if delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def cells_of(order: Order, dialect: Dialect) -> Cells:
    """Return the order's seven cells, unquoted, in the feed's column order."""
    time, total = _time_text(dialect)(order.ordered_at), _total_text(dialect)(order.pence)
    basket = _basket_text(dialect)(order.items)
    card = card_text(order, dialect)
    if dialect.feed is Feed.A:
        return [time, order.branch, order.customer, basket, order.payment, total, card]
    return [time, order.branch, order.customer, basket, total, order.payment, card]


def exploded_cells(order: Order) -> Iterator[Cells]:
    """Yield the eight cells of each line: time, branch, customer, item, price, total, payment, card.

    Lines after an order's first carry only item and price.
    """
    own = [_day_first(order.ordered_at), order.branch, order.customer]
    closing = [shortest(order.pence), order.payment, order.card_number]
    for item in order.items:
        yield [*own, labelled(item), two_decimals(item.pence), *closing]
        own, closing = ["", "", ""], ["", "", ""]


def foreign_cells(order: Order) -> Cells:
    """Return the cells of another system's export: one product an order, with a quantity, and day and time apart."""
    drink = order.items[0]
    sold = [labelled(drink), str(order.items.count(drink)), f"£{two_decimals(drink.pence)}"]
    day, _, clock = _day_first(order.ordered_at).partition(" ")
    sale_id = f"{order.ordered_at:%H%M}"
    return [sale_id, order.customer, *sold, order.branch, order.payment.capitalize(), order.card_number, day, clock]


def card_text(order: Order, dialect: Dialect) -> str:
    """Return the card cell. Feed A: type and number, or None. Feed B: the number, as the program wrote it."""
    if dialect.feed is Feed.A:
        return f"{order.card_type},{order.card_number}" if order.card_number else "None"
    if not order.card_number or dialect.round_trip is RoundTrip.NONE:
        return order.card_number
    if dialect.round_trip is RoundTrip.PANDAS:
        return repr(float(order.card_number))
    mantissa, exponent = f"{float(order.card_number):.5E}".split("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"


def shortest(pence: int) -> str:
    """Print pounds as the shortest float: 5.2, 4.0, 13.15."""
    return two_decimals(pence).removesuffix("0")


def two_decimals(pence: int) -> str:
    """Print pounds with both decimals."""
    return f"{pence // 100}.{pence % 100:02d}"


def labelled(item: Item) -> str:
    """Return an item's name, with its size if there is one."""
    return f"{item.size} {item.name}" if item.size else item.name


def _plain_rows(orders: Iterable[Order], dialect: Dialect) -> Iterator[str]:
    """Print the unchanged feeds fast: cache baskets, times and names, which repeat in a long file."""
    time_text, basket_text, total_text = _time_text(dialect), _basket_text(dialect), _total_text(dialect)
    feed_a = dialect.feed is Feed.A
    times: dict[datetime, str] = {}
    baskets: dict[tuple[Item, ...], tuple[str, str]] = {}
    names: dict[str, str] = {}
    for order in orders:
        branch, ordered_at, customer, items, payment, card_number, card_type, _, _ = order
        if (time := times.get(ordered_at)) is None:
            time = _remember(times, ordered_at, time_text(ordered_at))
        if (basket := baskets.get(items)) is None:
            printed = quoted(basket_text(items)), total_text(order.pence)
            basket = _remember(baskets, items, printed)
        if (branch_cell := names.get(branch)) is None:
            branch_cell = _remember(names, branch, quoted(branch))
        if (customer_cell := names.get(customer)) is None:
            customer_cell = _remember(names, customer, quoted(customer))
        if feed_a:
            card = f'"{card_type},{card_number}"' if card_number else "None"
            yield f"{time},{branch_cell},{customer_cell},{basket[0]},{payment},{basket[1]},{card}\n"
        else:
            yield f"{time},{branch_cell},{customer_cell},{basket[0]},{basket[1]},{payment},{card_number}\n"


def _remember[K, V](memory: dict[K, V], key: K, text: V) -> V:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = text
    return text


def _time_text(dialect: Dialect) -> Callable[[datetime], str]:
    if dialect.feed is Feed.A:
        return _iso
    return _day_first_unpadded if dialect.round_trip is RoundTrip.EXCEL else _day_first


def _iso(time: datetime) -> str:
    return time.isoformat(" ", "seconds")


def _day_first(time: datetime) -> str:
    iso = time.isoformat(" ", "minutes")
    return f"{iso[8:10]}/{iso[5:7]}/{iso[:4]} {iso[11:]}"


def _day_first_unpadded(time: datetime) -> str:
    return f"{time.day}/{time.month}/{time.year} {time.hour}:{time.minute:02d}"


def _total_text(dialect: Dialect) -> Callable[[int], str]:
    if dialect.feed is Feed.A:
        return two_decimals
    return _excel_number if dialect.round_trip is RoundTrip.EXCEL else shortest


def _excel_number(pence: int) -> str:
    return shortest(pence).removesuffix(".0")


def _basket_text(dialect: Dialect) -> Callable[[Sequence[Item]], str]:
    return _triples if dialect.feed is Feed.A else _priced


def _triples(items: Sequence[Item]) -> str:
    return ",".join([_triple(item) for item in items])


def _priced(items: Sequence[Item]) -> str:
    return ", ".join([_with_price(item) for item in items])


@lru_cache(maxsize=_REMEMBERED)
def _triple(item: Item) -> str:
    return f"{item.size},{item.name},{shortest(item.pence)}"


@lru_cache(maxsize=_REMEMBERED)
def _with_price(item: Item) -> str:
    return f"{labelled(item)} - {two_decimals(item.pence)}"
