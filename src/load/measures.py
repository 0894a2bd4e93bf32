"""Ask the warehouse for the numbers that alarms watch: each measure is a query that gives one."""

from load.statements import measure_names, statement
from load.warehouse import Session


def take_measures(session: Session) -> dict[str, float]:
    """Take every measure, by the name of its metric: cafes_missing.sql is CafesMissing. One that is null has none."""
    session.execute(statement("load/work_timeout"))
    measures = {}
    for name in measure_names():
        ((value,),) = session.execute(statement(f"measures/{name}"))
        if value is not None:
            measures[name.title().replace("_", "")] = float(value)
    session.rollback()
    return measures
