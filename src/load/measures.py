"""Measure what alarms watch in the warehouse: each measure is a query that returns one number."""

from collections.abc import Sequence

from load.checks import those_that_read_no
from load.schema import find_faulty_marts
from load.statements import measure_names, statement
from load.warehouse import Session


def take_measures(session: Session) -> dict[str, float]:
    """Take every measure, by the name of its metric: cafes_missing.sql is CafesMissing.

    A null is left out, and so is a measure that reads a faulty mart: the checks report the mart.
    """
    faulty = {mart.name for mart in find_faulty_marts(session)}
    session.rollback()
    return _take(session, those_that_read_no("measures", measure_names(), faulty))


def count_held(session: Session) -> dict[str, float]:
    """Take the one measure that a person's decision changes at once."""
    return _take(session, ("files_held",))


def _take(session: Session, names: Sequence[str]) -> dict[str, float]:
    session.execute(statement("load/work_timeout"))
    measures = {}
    for name in names:
        ((value,),) = session.execute(statement(f"measures/{name}"))
        if value is not None:
            measures[name.title().replace("_", "")] = float(value)
    session.rollback()
    return measures
