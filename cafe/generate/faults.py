"""Break one row in a way that people, tills or programs do. Extract or transform must reject each broken row."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from cafe.generate.dialects import Dialect, Feed, Layout
from cafe.generate.orders import Order
from cafe.generate.rows import cells_of, line, quoted


class Fault(StrEnum):
    """What is wrong with the row."""

    ITEMS_NOT_SEPARATED = "items-not-separated"
    ITEM_WITHOUT_PRICE = "item-without-price"
    TOTAL_MISMATCH = "total-mismatch"
    BAD_DATE = "bad-date"
    MONTH_FIRST_DATE = "month-first-date"
    NEGATIVE_TOTAL = "negative-total"
    UNKNOWN_PAYMENT = "unknown-payment"
    MISSING_CELL = "missing-cell"
    UNQUOTED_BASKET = "unquoted-basket"
    UNQUOTED_CUSTOMER = "unquoted-customer"


HANDWRITTEN_FAULTS = (Fault.ITEMS_NOT_SEPARATED, Fault.ITEM_WITHOUT_PRICE, Fault.TOTAL_MISMATCH)

# Which orders of a file are broken: maps a position, from 0, to its fault, or to None for a good row.
FaultPlan = Callable[[int], Fault | None]


def every_nth(step: int, faults: Sequence[Fault]) -> FaultPlan:
    """Plan to break every ``step``-th row, with each fault in turn."""

    def fault_at(position: int) -> Fault | None:
        turn, remainder = divmod(position + 1, step)
        return faults[(turn - 1) % len(faults)] if remainder == 0 else None

    return fault_at


def broken_row(order: Order, fault: Fault, dialect: Dialect) -> str:
    r"""Print the order with that fault, as one line with "\n" at the end.

    Raises ValueError if the result could be a good row: a month-first date looks like a day-first one up to the 12th,
    feed A never has such a date, and only orders that are printed as rows can be broken.
    """
    if dialect.layout is not Layout.ROWS:
        raise ValueError("only orders printed as rows can be broken")
    if len(order.items) == 1 and fault in (Fault.ITEMS_NOT_SEPARATED, Fault.UNQUOTED_BASKET):
        order = order._replace(items=order.items * 2)
    cells = cells_of(order, dialect)
    total, payment = (5, 4) if dialect.feed is Feed.A else (4, 5)
    match fault:
        case Fault.ITEMS_NOT_SEPARATED:
            cells[3] = _joined_without_comma(order, dialect)
        case Fault.ITEM_WITHOUT_PRICE:
            cells[3] = cells[3].rpartition("," if dialect.feed is Feed.A else " - ")[0]
        case Fault.TOTAL_MISMATCH:
            cells[total] = cells_of(_one_pound_dearer(order), dialect)[total]
        case Fault.BAD_DATE:
            year = order.ordered_at.year
            cells[0] = f"{year}-02-31 09:00:48" if dialect.feed is Feed.A else f"31/02/{year} 09:00"
        case Fault.MONTH_FIRST_DATE:
            if dialect.feed is Feed.A or order.ordered_at.day <= 12:
                raise ValueError("a month-first date is only recognisable on feed b, after the twelfth of a month")
            cells[0] = order.ordered_at.strftime("%m/%d/%Y %H:%M")
        case Fault.NEGATIVE_TOTAL:
            cells[total] = f"-{cells_of(_one_pound_dearer(order), dialect)[total]}"
        case Fault.UNKNOWN_PAYMENT:
            cells[payment] = "CHEQUE"
        case Fault.MISSING_CELL:
            del cells[total]
        case Fault.UNQUOTED_BASKET:
            return ",".join([*map(quoted, cells[:3]), cells[3], *map(quoted, cells[4:])]) + "\n"
        case Fault.UNQUOTED_CUSTOMER:
            cells[2:3] = ["Tester", " Ada"]
    return line(cells, dialect) if len(cells) == 7 else ",".join(map(quoted, cells)) + "\n"


def _joined_without_comma(order: Order, dialect: Dialect) -> str:
    texts = [cells_of(order._replace(items=(item,)), dialect)[3] for item in order.items]
    return " ".join(texts)


def _one_pound_dearer(order: Order) -> Order:
    first, *others = order.items
    return order._replace(items=(first._replace(pence=first.pence + 100), *others))
