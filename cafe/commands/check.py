"""`cafe check`: check the data in the warehouse."""

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from cafe.answers.checks import not_run, problem_of, remedy_of
from cafe.answers.wording import counted
from cafe.deployed.environment import open_environment
from cafe.deployed.load_function import invoke_load
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain, table

type Samples = Mapping[str, Sequence[Mapping[str, str]]]

HELP = help_text(
    """
    Check the data in the warehouse: nothing lost, nothing counted twice, every penny accounted for, no view missing.

    Redshift does not enforce keys or references, so load checks them with queries. Each check is a file in
    `src/load/sql/checks/` that says what it looks for, and returns the faulty rows. For each check that finds any, the
    command says what is wrong, shows up to three of the rows, and what to type next. A schedule runs the same checks
    twice a day, and `cafe status` knows what the last run found.
    """,
    examples={
        "cafe check": "run all checks",
        "cafe check --env prod --json": "the same on AWS, for a script",
    },
    exit_codes={EXIT_OK: "no check found anything", EXIT_UNHEALTHY: "a check found faulty rows"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", help=HELP)(check)


def check(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Let load run its checks, and show what they found."""
    answer = invoke_load(open_environment(env), "check")
    faults: dict[str, int] = answer["faults"]
    samples: Samples = answer.get("samples", {})
    failing = [_failing_json(name, count, samples.get(name, ())) for name, count in sorted(faults.items()) if count]
    if as_json:
        shown = {"faults": faults, "isolation": answer["isolation"], "failing": failing, "not_run": not_run(faults)}
        write_json(shown)
    else:
        _show_all(faults)
        for one in failing:
            _explain(one)
        out().print(plain(f"Isolation level of the database: {answer['isolation']}", "dim"))
    raise typer.Exit(EXIT_UNHEALTHY if failing else EXIT_OK)


def _failing_json(name: str, faults: int, samples: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {
        "check": name,
        "faults": faults,
        "problem": problem_of(name),
        "remedy": remedy_of(name, samples),
        "samples": list(samples),
    }


def _show_all(faults: Mapping[str, int]) -> None:
    shown = table("", "check", "faulty rows", right=["faulty rows"])
    for name, count in sorted(faults.items()):
        style = "bold red" if count else "green"
        shown.add_row(plain("✗" if count else "✓", style), plain(name), plain(f"{count:,}", style if count else ""))
    for name in not_run(faults):
        shown.add_row(plain("–", "yellow"), plain(name), plain("not run", "yellow"))
    out().print(shown)


def _explain(failing: Mapping[str, Any]) -> None:
    """Say what is wrong, show the first rows as lines of names and values, and what to type."""
    console, samples = out(), failing["samples"]
    console.print()
    heading = f"{failing['check']}: {counted(failing['faults'], 'row')}. {failing['problem']}"
    console.print(plain(heading, "bold red"), soft_wrap=True)
    for sample in samples:
        row = ", ".join(f"{name} {value}" for name, value in sample.items())
        console.print(plain(f"  {row}"), soft_wrap=True)
    if failing["faults"] > len(samples) > 0:
        console.print(plain(f"  … and {failing['faults'] - len(samples):,} more", "dim"))
    console.print(plain(f"→ {failing['remedy']}", "cyan"), soft_wrap=True)
