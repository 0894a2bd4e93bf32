"""Measure what alarms watch in the warehouse: each measure is a query that returns one number."""

from load.statements import measure_names, statement
from load.warehouse import Session


def take_measures(session: Session) -> dict[str, float]:
    """Take every measure, by the name of its metric: cafes_missing.sql is CafesMissing. A null is left out."""
    session.execute(statement("load/work_timeout"))
    measures = {}
    for name in measure_names():
        ((value,),) = session.execute(statement(f"measures/{name}"))
        if value is not None:
            measures[name.title().replace("_", "")] = float(value)
    session.rollback()
    return measures
