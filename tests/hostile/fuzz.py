"""Check any number of mutated branch files against what must be true of every file; `make fuzz`."""

import codecs
import gzip
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Annotated

import typer

from extract.dialects.catalogue import shipped
from extract.dialects.document import BY_CELLS, LINES, QUANTITY, Document
from extract.rules import FileReason
from hostile.judgement import CARD, NAME, judge
from hostile.mutations import GZIP_MAGIC, KEY, draw_genuine, draw_mutated, lines_of, same_sales
from personal_data import PersonalData

PROCESSES = 2
FILES_A_TASK = 500
MOST_SECONDS_A_FILE = 10
# Two faults in one row can move a name into the cell of the branch, which no rule detects in a file of head office
# (docs/privacy.md). So card numbers are searched everywhere, and names everywhere but in branches.
CARDS = PersonalData([], [CARD])
NAMES = PersonalData(NAME.split(), [])
# What the cells of an order look like in the files that are drawn, by the kind of their column.
CELLS = {
    "time": rb"\d\d/\d\d/\d{4} \d\d:\d\d",
    "branch": rb"[A-Za-z][A-Za-z ]{2,30}",
    "personal": rb"(?:[A-Za-z .]+|\d{13,17}|)",
    "ignored": rb"\d+",
    "total": rb"(?:\xc2\xa3)?\d+[.,]?\d{0,2}",
    "payment": rb"(?:CARD|Card|CASH|Cash)",
}


def _order_line_of(document: Document) -> bytes:
    """Return the pattern of a line that is a whole order by itself: quotes are around the basket or nowhere."""
    delimiter = document.delimiter.encode()
    between = rb", \d+, " if document.grammar == QUANTITY else rb" - "
    item = rb"[^\",\r\n" + delimiter + rb"]+" + between + rb"(?:\xc2\xa3)?\d+[.,]\d\d"
    items = item + rb"(?:, " + item + rb")*"
    # A comma in a basket needs quotes if it is the separator too.
    unquoted = items if delimiter != b"," else item if document.grammar != QUANTITY else rb"(?!)"
    basket = rb"(?:\"" + items + rb"\"|" + unquoted + rb")"
    return delimiter.join(CELLS.get(column.kind, basket) for column in document.columns)


# A line of a dialect that its cells show, and whose lines are orders.
ORDER_LINE = re.compile(
    rb"|".join(
        _order_line_of(document)
        for document in shipped().documents
        if document.by == BY_CELLS and document.grammar != LINES
    )
)


@dataclass
class Tally:
    """The counts of a run."""

    files: int = 0
    orders: int = 0
    rejects: int = 0
    refused: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[dict[str, object]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add the counts of another run."""
        self.files += other.files
        self.orders += other.orders
        self.rejects += other.rejects
        self.refused += other.refused
        self.outcomes += other.outcomes
        self.violations += other.violations


def problems_of(body: bytes, key: str = KEY) -> list[str]:
    """Judge a file; return its problems. An exception is a problem too."""
    started = time.monotonic()
    try:
        verdict = judge(body, key, CARDS)
    except Exception as error:  # noqa: BLE001  no file may cause any exception
        return [f"{type(error).__name__} was raised"]
    problems = list(verdict.problems)
    if verdict.outcome == FileReason.BROKE_EXTRACT:
        problems.append("extract raised an exception")
    kept = "\n".join(line for line in verdict.tables if not line.startswith("branch,"))
    if NAMES.found_in(kept.encode()):
        problems.append("a customer's name is in an order or a product")
    if time.monotonic() - started > MOST_SECONDS_A_FILE:
        problems.append("it took too long")
    if verdict.outcome == "read":
        accounted = verdict.order_lines | {line for line, _ in verdict.rejects}
        problems += [
            f"line {number} is an order and is neither loaded nor rejected" for number in order_lines(body) - accounted
        ]
    return problems


def order_lines(body: bytes) -> set[int]:
    """Return the numbers of the lines that are orders by themselves, without the rest of the file."""
    text = gzip.decompress(body) if body.startswith(GZIP_MAGIC) else body
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = text.decode("utf-16").encode()
    lines = enumerate(lines_of(text.removeprefix(b"\xef\xbb\xbf")), start=1)
    return {number for number, line in lines if ORDER_LINE.fullmatch(line.rstrip(b"\r\n"))}


def shrink(body: bytes) -> bytes:
    """Remove lines while the file still has a problem."""
    lines = lines_of(body)
    size = len(lines) // 2
    while size:
        start = 0
        while start < len(lines):
            fewer = lines[:start] + lines[start + size :]
            if problems_of(b"".join(fewer)):
                lines = fewer
            else:
                start += size
        size //= 2
    return b"".join(lines)


def try_files(seed: int, first: int, count: int) -> Tally:
    """Draw and judge files. Every tenth is an unbroken file, rewritten in another form with the same meaning."""
    tally = Tally()
    for number in range(first, first + count):
        chance = Random(f"{seed}/{number}")
        tally.files += 1
        if number % 10 == 0:
            body, done = _rewritten(chance, tally, number)
        else:
            body, done = draw_mutated(chance)
        if found := problems_of(body):
            small = body if body.startswith(GZIP_MAGIC) else shrink(body)
            tally.violations.append({"file": number, "done": done, "problems": found, "smallest": repr(small[:600])})
            continue
        verdict = judge(body, KEY, CARDS)
        tally.orders += verdict.orders
        tally.rejects += len(verdict.rejects)
        tally.refused += verdict.outcome not in ("read", "empty")
        tally.outcomes[str(verdict.outcome)] += 1
    return tally


def _rewritten(chance: Random, tally: Tally, number: int) -> tuple[bytes, str]:
    genuine = draw_genuine(chance)
    written, key = same_sales(genuine.body, chance)
    if judge(genuine.body, KEY).tables != judge(written, key).tables:
        problem = {
            "file": number,
            "done": genuine.dialect,
            "problems": ["another form of the same file gives other rows"],
        }
        tally.violations.append(problem | {"smallest": repr(written[:600])})
    return written, f"{genuine.dialect}+same_sales"


def run(files: int, seed: int) -> Iterator[Tally]:
    """Try files in two processes; yield the tally of each completed task."""
    tasks = [(seed, first, min(FILES_A_TASK, files - first)) for first in range(0, files, FILES_A_TASK)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        yield from pool.map(try_files, *zip(*tasks, strict=True))


def main(
    files: Annotated[int, typer.Option(help="How many files.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed draws the same files.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")] = False,
) -> None:
    """Try mutated branch files; exit code 1 if there is a violation."""
    started, tally = time.monotonic(), Tally()
    for some in run(files, seed):
        tally.add(some)
        sys.stderr.write(f"{tally.files:,} of {files:,} files, {len(tally.violations)} violations\n")
    answer = {
        "files": tally.files, "orders": tally.orders, "rejects": tally.rejects, "refused_whole": tally.refused,
        "outcomes": dict(tally.outcomes), "violations": len(tally.violations), "shown": tally.violations[:20],
        "seconds": round(time.monotonic() - started),
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(answer, indent=2))
    else:
        for name, value in answer.items():
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    if tally.violations:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
