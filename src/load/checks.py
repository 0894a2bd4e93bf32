"""Check the warehouse: each check is a query that returns no row if all is well, and one looks at the marts."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from load.check_rules import Check
from load.schema import find_faulty_marts
from load.statements import check_names, columns_of, marts_in, statement
from load.warehouse import Session

# Enough to recognise what is wrong; `cafe check` shows them.
SAMPLES = 3


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How many faulty rows a check found, and the first of them, by column. The warehouse has no personal data."""

    name: str
    faults: int
    samples: tuple[Mapping[str, str], ...] = ()


def run_checks(session: Session) -> list[CheckResult]:
    """Run every check in one snapshot, except those that read a faulty mart: MARTS_INTACT reports the mart."""
    faulty = [(mart.name, mart.problem) for mart in find_faulty_marts(session)]
    results = [_result(Check.MARTS_INTACT, ("mart", "problem"), faulty)]
    for name in those_that_read_no("checks", check_names(), {mart for mart, _ in faulty}):
        sql = statement(f"checks/{name}")
        results.append(_result(name, columns_of(sql), session.execute(sql)))
    session.rollback()
    return sorted(results, key=lambda result: result.name)


def those_that_read_no(folder: str, names: Iterable[str], marts: Collection[str]) -> list[str]:
    """Choose the statements of a folder that read none of these marts."""
    return [name for name in names if not {*marts_in(statement(f"{folder}/{name}"))} & {*marts}]


def record_run(results: Sequence[CheckResult], files: int, session: Session) -> None:
    """Keep what the checks found, for `cafe status`. ``files`` is how many files the ledger had before they ran."""
    found = {result.name: result.faults for result in results if result.faults}
    session.execute(statement("load/work_timeout"))
    session.execute(statement("checking/record_run"), (len(results), files, json.dumps(found)))
    session.commit()


def count_files(session: Session) -> int:
    """Count the files of the ledger, in a transaction of its own."""
    session.execute(statement("load/work_timeout"))
    ((files,),) = session.execute(statement("checking/count_files"))
    session.rollback()
    return int(files)


def _result(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> CheckResult:
    samples = (dict(zip(columns, map(_shown, row), strict=True)) for row in rows[:SAMPLES])
    return CheckResult(name, len(rows), tuple(samples))


def _shown(value: object) -> str:
    """Write a value for JSON; a NULL, as of an amount that is missing, is an empty text."""
    return "" if value is None else str(value).strip()
