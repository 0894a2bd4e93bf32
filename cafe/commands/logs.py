"""`cafe logs`: follow one file through all three functions."""

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cafe.deployed.environment import STAGES, open_environment
from cafe.deployed.logs import LogLine, fetch_lines, unseen
from cafe.terminal.options import SUCCESS, EnvironmentOption, JsonOption, StageName, teach
from cafe.terminal.presentation import json_line, log_line, out, remark

SINCE = re.compile(r"(?P<count>\d+)(?P<unit>[smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
FOLLOW_PAUSE_SECONDS = 1.0
# A line reaches CloudWatch a while after it was written: what is followed is looked for again so far back.
ARRIVES_WITHIN = timedelta(seconds=30)

HELP = teach(
    """
    Show what the three functions logged, merged by time.

    With [bold]FILE[/], a file id or the end of a key, only what names that file: one file followed through all three
    functions. Times are UTC. Log lines hold no personal data. With [bold]--json[/], one object a line.
    """,
    examples={
        "cafe logs chesterfield.csv": "the way of a file through the pipeline, in the last hour",
        "cafe logs --follow": "everything, as it happens; Ctrl-C ends it",
        "cafe logs --stage load --since 2d --env prod --json": "two days of one function, for a script",
    },
    exit_codes={SUCCESS: "shown, also when there is nothing"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("logs", help=HELP)(logs)


def parse_since(text: str) -> timedelta:
    """Read a span such as 90s, 15m, 1h or 2d."""
    match = SINCE.fullmatch(text)
    if match is None:
        raise typer.BadParameter("write a number and s, m, h or d, such as 90s, 15m, 1h or 2d")
    return timedelta(**{UNITS[match["unit"]]: int(match["count"])})


def logs(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A file id, or the end of a key.", show_default="all files")
    ] = None,
    stage: Annotated[
        StageName | None,
        typer.Option(help="Only this function's lines.", show_default="all three"),
    ] = None,
    since: Annotated[
        timedelta, typer.Option(parser=parse_since, metavar="SPAN", help="How far back: 90s, 15m, 1h, 2d.")
    ] = "1h",  # type: ignore[assignment]  # typer parses the default as it parses the user's text
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Show log lines."""
    environment = open_environment(env)
    groups = {name: environment.fact(f"{name}/logs/group") for name in STAGES if stage in (None, name)}
    client = environment.client("logs")
    seen: set[tuple[datetime, str, str]] = set()
    start = datetime.now(UTC) - since
    _show(unseen(fetch_lines(client, groups, start, file), seen), as_json=as_json)
    while follow:
        time.sleep(FOLLOW_PAUSE_SECONDS)
        start = max(start, datetime.now(UTC) - ARRIVES_WITHIN)
        _show(unseen(fetch_lines(client, groups, start, file), seen), as_json=as_json)
    if not seen:
        remark("nothing was logged; --since looks further back", "dim")


def _show(lines: Iterable[LogLine], *, as_json: bool) -> None:
    console = out()
    for line in lines:
        if as_json:
            typer.echo(
                json_line(
                    {"time": line.time, "stage": line.stage, "level": line.level, "message": line.message}
                    | dict(line.fields)
                )
            )
        else:
            console.print(log_line(line), soft_wrap=True)
