"""Make each mistake in a copy of the project, and check that tests fail; `make sabotage`."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET  # it only parses a report that pytest has just written
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from copied_checkout import copy_checkout, environment_of
from sabotage.mutants import MUTANTS, Mutant


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a mistake: the first test that failed ("" if none did), and how many failed."""

    mutant: str
    caught_by: str
    red: int


def run_tests(folder: Path, tests: tuple[str, ...]) -> tuple[int, list[str]]:
    """Run tests in the copy, up to the third failure; return how many ran, and the names of those that failed."""
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--maxfail=3",
        f"--junitxml={report}",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    subprocess.run(command, cwd=folder, env=environment_of(folder), check=False, capture_output=True)
    if not report.exists():
        raise RuntimeError(f"pytest did not run: {' '.join(tests)}")
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314  see the import
    red = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    collected = [case for case in red if "collection failure" not in (case.findtext("error") or "")]
    return len(cases), [str(case.get("name")) for case in collected]


def ensure_the_copy_is_imported(folder: Path) -> None:
    """Raise RuntimeError if tests would import the installed checkout instead of the copy."""
    code = "import load, cafe, sys; print(load.__file__, cafe.__file__)"
    imported = subprocess.run(
        [sys.executable, "-c", code], env=environment_of(folder), cwd=folder, check=True, capture_output=True, text=True
    )
    if not all(path.startswith(str(folder)) for path in imported.stdout.split()):
        raise RuntimeError(f"tests import another folder than the copy: {imported.stdout}")


def try_mutant(folder: Path, mutant: Mutant) -> Result:
    """Make one mistake in the copy, run its tests, and restore the file."""
    path = folder / mutant.path
    original = path.read_text(encoding="utf-8")
    path.write_text(mutant.applied_to(folder), encoding="utf-8")
    try:
        _, red = run_tests(folder, mutant.tests)
    finally:
        path.write_text(original, encoding="utf-8")
    return Result(mutant.name, red[0] if red else "", len(red))


def main(
    only: Annotated[str, typer.Option(help="Only mistakes whose name contains this text.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")] = False,
) -> None:
    """Make mistakes, one at a time. Exit code 1 if no test notices one of them."""
    chosen = [mutant for mutant in MUTANTS if only in mutant.name]
    results = []
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        copy_checkout(folder)
        ensure_the_copy_is_imported(folder)
        tests = tuple(dict.fromkeys(test for mutant in chosen for test in mutant.tests))
        sys.stderr.write("running the tests on the unchanged code …\n")
        ran, red = run_tests(folder, tests)
        if red:
            raise RuntimeError(f"tests fail before any mistake is made: {', '.join(red)}")
        sys.stderr.write(f"{ran:,} passed\n")
        for number, mutant in enumerate(chosen, start=1):
            results.append(try_mutant(folder, mutant))
            word = f"caught by {results[-1].caught_by}" if results[-1].caught_by else "NOT CAUGHT"
            sys.stderr.write(f"{number}/{len(chosen)} {mutant.name}: {word}\n")
    caught = sum(bool(result.caught_by) for result in results)
    if as_json:
        typer.echo(
            json.dumps({"caught": caught, "of": len(results), "mutants": [asdict(result) for result in results]})
        )
    else:
        typer.echo(f"{caught} of {len(results)} caught")
    if caught < len(results):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
