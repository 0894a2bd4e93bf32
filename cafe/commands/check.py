"""`cafe check`: is the warehouse sound?"""

import typer

from cafe.deployed.environment import open_environment
from cafe.deployed.load_function import ask_load
from cafe.terminal.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import out, plain, table, write_json

HELP = teach(
    """
    Check that the warehouse is sound: nothing lost, nothing doubled, every penny accounted for.

    Redshift enforces no key and no reference, so load asks by query. Each check is a file of `src/load/sql/checks/`
    that says what it looks for; the rows that it finds are at fault. A schedule runs the same checks twice a day.
    """,
    examples={
        "cafe check": "run them all",
        "cafe check --env prod --json": "the same on AWS, for a script",
    },
    exit_codes={SUCCESS: "no check found anything", BAD_NEWS: "a check found rows at fault"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", help=HELP)(check)


def check(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Have load run its checks and show what they found."""
    faults: dict[str, int] = ask_load(open_environment(env), "check")["faults"]
    if as_json:
        write_json(faults)
    else:
        shown = table("", "check", "rows at fault", right=["rows at fault"])
        for name, count in sorted(faults.items()):
            style = "bold red" if count else "green"
            shown.add_row(plain("✗" if count else "✓", style), plain(name), plain(f"{count:,}", style if count else ""))
        out().print(shown)
    raise typer.Exit(BAD_NEWS if any(faults.values()) else SUCCESS)
