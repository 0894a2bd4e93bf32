"""Check the warehouse: each check is a query that returns no row if all is well."""

from dataclasses import dataclass

from load.statements import check_names, statement
from load.warehouse import Session


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How many faulty rows a check found."""

    name: str
    faults: int


def run_checks(session: Session) -> list[CheckResult]:
    """Run every check in one snapshot."""
    session.execute(statement("load/work_timeout"))
    results = [CheckResult(name, len(session.execute(statement(f"checks/{name}")))) for name in check_names()]
    session.rollback()
    return results
