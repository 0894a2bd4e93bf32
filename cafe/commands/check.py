"""`cafe check`: check the data in the warehouse."""

import typer

from cafe.deployed.environment import open_environment
from cafe.deployed.load_function import invoke_load
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain, table, write_json

HELP = help_text(
    """
    Check the data in the warehouse: nothing lost, nothing counted twice, every penny accounted for.

    Redshift does not enforce keys or references, so load checks them with queries. Each check is a file in
    `src/load/sql/checks/` that says what it looks for, and returns the faulty rows. A schedule runs the same checks
    twice a day.
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
    if as_json:
        write_json({"faults": faults, "isolation": answer["isolation"]})
    else:
        shown = table("", "check", "faulty rows", right=["faulty rows"])
        for name, count in sorted(faults.items()):
            style = "bold red" if count else "green"
            shown.add_row(plain("✗" if count else "✓", style), plain(name), plain(f"{count:,}", style if count else ""))
        out().print(shown)
        out().print(plain(f"Isolation level of the database: {answer['isolation']}", "dim"))
    raise typer.Exit(EXIT_UNHEALTHY if any(faults.values()) else EXIT_OK)
