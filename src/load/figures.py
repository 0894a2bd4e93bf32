"""Query the figures of the morning mail: the cafés of a day, and what was refused since a moment."""

from datetime import date, datetime

from load.morning import CafeDay, Figures, RefusedFiles, RefusedRows
from load.statements import statement
from load.warehouse import Session

# How often the statement of the cafés has the day.
_TIMES_BOUND = 5


def query_figures(session: Session, day: date, since: datetime) -> Figures:
    """Query the warehouse; ``since`` is in UTC. Raises what `Session.execute` raises."""
    moment = since.replace(tzinfo=None).isoformat(sep=" ")
    session.execute(statement("load/work_timeout"))
    cafes = session.execute(statement("morning/cafes"), [f"{day}"] * _TIMES_BOUND)
    files = session.execute(statement("morning/refused_files"), [moment])
    rows = session.execute(statement("morning/refused_rows"), [moment])
    session.rollback()
    return Figures(
        tuple(_cafe_day(*row) for row in cafes),
        tuple(RefusedFiles(*row) for row in files),
        tuple(RefusedRows(*row) for row in rows),
    )


def _cafe_day(cafe: str, orders: int, pence: int, weeks_before: int, pence_before: int, usual: object) -> CafeDay:
    usual_orders = None if usual is None else round(float(str(usual)))
    return CafeDay(cafe, int(orders), int(pence), int(weeks_before), int(pence_before), usual_orders)
