"""`cafe logs`: show the logs of the three functions, merged by time."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cafe.deployed.environment import open_environment
from cafe.deployed.logs import ARRIVES_WITHIN, LogLine, fetch_lines, log_groups, unseen
from cafe.terminal.documents import write_json_line
from cafe.terminal.options import EXIT_OK, EnvironmentOption, JsonOption, StageName, help_text
from cafe.terminal.presentation import log_line, out, remark
from cafe.terminal.times import parse_span

FOLLOW_PAUSE_SECONDS = 1.0

HELP = help_text(
    """
    Show the logs of the three functions, merged by time.

    With [bold]FILE[/], a file id or the end of a key, it shows only the lines that name that file: one file, through
    all three functions. Times are UTC. Log lines contain no personal data. With [bold]--json[/], it writes one object
    per line.
    """,
    examples={
        "cafe logs chesterfield.csv": "one file on its way through the pipeline, in the last hour",
        "cafe logs --follow": "all lines as they are written; Ctrl-C stops it",
        "cafe logs --stage load --since 2d --env prod --json": "two days of one function, for a script",
    },
    exit_codes={EXIT_OK: "the lines were shown, even if there are none"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("logs", help=HELP)(logs)


def parse_since(text: str) -> timedelta:
    """Read a span such as 90s, 15m, 1h or 2d."""
    span = parse_span(text)
    if span is None:
        raise typer.BadParameter("write a number and s, m, h or d, such as 90s, 15m, 1h or 2d")
    return span


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
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show new lines until Ctrl-C.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Show log lines."""
    environment = open_environment(env)
    groups = log_groups(environment, stage)
    client = environment.client("logs")
    seen: set[tuple[datetime, str, str]] = set()
    start = datetime.now(UTC) - since
    _show(unseen(fetch_lines(client, groups, start, file), seen), as_json=as_json)
    while follow:
        time.sleep(FOLLOW_PAUSE_SECONDS)
        start = max(start, datetime.now(UTC) - ARRIVES_WITHIN)
        _show(unseen(fetch_lines(client, groups, start, file), seen), as_json=as_json)
    if not seen:
        remark("Nothing was logged. Use --since to look further back.", "dim")


def _show(lines: Iterable[LogLine], *, as_json: bool) -> None:
    console = out()
    for line in lines:
        if as_json:
            write_json_line(
                {"time": line.time, "stage": line.stage, "level": line.level, "message": line.message}
                | {"fields": dict(line.fields)}
            )
        else:
            console.print(log_line(line), soft_wrap=True)
