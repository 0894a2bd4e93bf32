"""A night of sample files: the one in samples/, and the same sales on any other day, which `make demo` loads."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cafe.drop_keys import drop_key
from cafe.generate.cafes import ISLE_OF_WIGHT, KNOWN_CAFES, Cafe
from cafe.generate.dialects import HEADERS, NAMED_DIALECTS, Dialect, Feed
from cafe.generate.expectation import BranchFile
from cafe.generate.faults import Fault, FaultPlan
from cafe.generate.filenames import Renaming, file_name
from cafe.generate.history import BranchDay, branch_day_orders
from cafe.generate.writing import Advance, Written, write_branch_files

# The day of the files in samples/.
NIGHT = date(2026, 11, 20)
SEED = 20261120

# A café that the chain took over. The export of its old system is not a branch file.
_NEWCOMER = Cafe("Epsom", 40, products=5)

# Up to this day of a month, a date with the month first is another real day.
_LAST_DAY_LIKE_A_MONTH = 12
# The broken orders in Nottingham's file, by position.
_NOTTINGHAM_FAULTS = {
    11: Fault.ITEM_WITHOUT_PRICE,
    37: Fault.ITEMS_NOT_SEPARATED,
    38: Fault.ITEMS_NOT_SEPARATED,
    64: Fault.TOTAL_MISMATCH,
    98: Fault.BAD_DATE,
    140: Fault.MONTH_FIRST_DATE,
    173: Fault.UNKNOWN_PAYMENT,
    201: Fault.UNQUOTED_BASKET,
    202: Fault.ITEM_WITHOUT_PRICE,
    244: Fault.NEGATIVE_TOTAL,
    290: Fault.MISSING_CELL,
}

_CAFES = (ISLE_OF_WIGHT, *KNOWN_CAFES, _NEWCOMER)
ORDERS = sum(cafe.orders_a_day for cafe in _CAFES)


@dataclass(frozen=True, slots=True)
class _Handling:
    """How a café's file was changed between the till and the bucket."""

    dialect: Dialect
    renaming: Renaming = Renaming.NONE
    faults: FaultPlan | None = None


_UNTOUCHED = _Handling(Dialect())
_HANDLED = {
    "Isle of Wight": _Handling(Dialect(feed=Feed.A, trailing_space=True, final_newline=False)),
    "Leeds": _Handling(NAMED_DIALECTS["excel"].dialect, Renaming.EXCEL),
    "London Camden": _Handling(NAMED_DIALECTS["excel"].dialect, Renaming.EXCEL),
    "Brighton": _Handling(NAMED_DIALECTS["pandas"].dialect, Renaming.DONE),
    "Chesterfield": _Handling(NAMED_DIALECTS["padded"].dialect, Renaming.COPY),
    "Leicester": _Handling(NAMED_DIALECTS["exploded"].dialect),
    "Uppingham": _Handling(NAMED_DIALECTS["headers"].dialect),
    "Southend-on-Sea": _Handling(Dialect(headers=HEADERS[2:3], bom=True)),
    "Nottingham": _Handling(Dialect(), faults=_NOTTINGHAM_FAULTS.get),
    "Epsom": _Handling(NAMED_DIALECTS["foreign"].dialect),
}


def night(day: date = NIGHT) -> Iterator[tuple[str, BranchFile]]:
    """Yield key and content of each of the night's files. On another day, the same orders have that day's date."""
    for cafe in _CAFES:
        handling = _HANDLED.get(cafe.name, _UNTOUCHED)
        invented = BranchDay(cafe, NIGHT, cafe.orders_a_day, handling.dialect.feed, SEED)
        key = drop_key(Path(file_name(replace(invented, day=day), handling.dialect, handling.renaming)))
        orders = tuple(
            order._replace(ordered_at=order.ordered_at + (day - NIGHT)) for order in branch_day_orders(invented)
        )
        yield key, BranchFile(orders, handling.dialect, _faults_on(day, handling.faults))


def write_night(folder: Path, day: date = NIGHT, advance: Advance = lambda _: None) -> Written:
    """Write the night's files into the folder, each under its key. The same day gives the same bytes."""
    return write_branch_files(night(day), folder, seed=SEED, advance=advance)


def _faults_on(day: date, faults: FaultPlan | None) -> FaultPlan | None:
    """Replace a month-first date by an impossible one where it would be read as another day; the rule is the same."""
    if faults is None or day.day > _LAST_DAY_LIKE_A_MONTH:
        return faults
    return lambda position: Fault.BAD_DATE if faults(position) is Fault.MONTH_FIRST_DATE else faults(position)
