"""`cafe watch`: watch the pipeline at work, live."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from cafe.answers.health import describe_tonight
from cafe.answers.watch import Change, Watch, describe_completion, describe_failure, name_files, sparkline
from cafe.answers.wording import counted, format_span
from cafe.deployed.environment import Environment, open_environment
from cafe.deployed.logs import LogLine
from cafe.errors import explain_aws_error
from cafe.terminal.documents import write_json_line
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import Listing, out, outcome_cell, plain, remark, table
from shared.senders import document_of

LOCAL_PAUSE_SECONDS = 2.0
# On AWS each look is six calls to SQS, three to the logs and one to CloudWatch.
AWS_PAUSE_SECONDS = 10.0
LOCAL_WAREHOUSE_SECONDS = 10.0
# The lines above, between and below the lists of the live screen.
LINES_AROUND = 15
FAILURES_SHOWN = 4
FIRST_WIDTH = 42
KIND_STYLES = {
    "verdict": "bold",
    "failure": "bold red",
    "alarm": "bold red",
    "file": "green",
    "tonight": "bold",
    "queue": "dim",
}

HELP = help_text(
    """
    Watch the pipeline at work: queues, files as they complete, failures, alarms, how many cafés are in, and the verdict
    of `cafe status` whenever it changes.

    On a terminal it is a live screen, until Ctrl-C. Otherwise it writes one line per change, or one JSON object with
    [bold]--json[/]. It begins with the last ten minutes. Times are UTC.

    Locally it looks every 2 seconds, and queries the warehouse every 10. On AWS it looks at queues, logs and alarms
    every 10 seconds, and never at the warehouse, because each query would wake it and keep it awake. To query it every
    five minutes all the same, use [bold]--warehouse-every 300[/].
    """,
    examples={
        "cafe watch": "the live screen; Ctrl-C stops it",
        "cafe watch --once": "look once and stop",
        "cafe watch --seconds 600 --json --env prod > night.jsonl": "ten minutes of changes, for a script",
    },
    exit_codes={
        EXIT_OK: "the time was over, or --once was given, and nothing needs you",
        EXIT_UNHEALTHY: "at the end, something needs you, as with `cafe status`",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("watch", help=HELP)(watch)


def watch(
    every: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="How often to look.", show_default="2; on AWS 10")
    ] = None,
    warehouse_every: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="SECONDS", help="How often to query the warehouse; 0 for never.", show_default="10; on AWS 0"
        ),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Stop after this time.", show_default="at Ctrl-C")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once and stop.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Watch until Ctrl-C, or for a time."""
    environment = open_environment(env)
    pause = every or (LOCAL_PAUSE_SECONDS if environment.is_local else AWS_PAUSE_SECONDS)
    if warehouse_every is None:
        warehouse_every = LOCAL_WAREHOUSE_SECONDS if environment.is_local else 0
    began = datetime.now(UTC)
    seen = Watch(environment, timedelta(seconds=warehouse_every) if warehouse_every else None, began)
    deadline = time.monotonic() + (0 if once else seconds if seconds is not None else float("inf"))
    if sys.stdout.isatty() and not as_json:
        _watch_live(seen, pause, deadline)
    else:
        for change in _changes(seen, pause, deadline):
            _write(change, as_json=as_json)
    raise typer.Exit(EXIT_OK if seen.now.is_good else EXIT_UNHEALTHY)


def _looks(watched: Watch, pause: float, deadline: float) -> Iterator[tuple[list[Change], str]]:
    """Look until the deadline, at least once. After the first look, errors of AWS are shown and the look is retried."""
    is_first = True
    while True:
        try:
            yield watched.look(datetime.now(UTC)), ""
        except (BotoCoreError, ClientError) as error:
            if is_first:
                raise
            yield [], explain_aws_error(error).message
        is_first = False
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))


# --- one line per change


def _changes(watched: Watch, pause: float, deadline: float) -> Iterator[Change]:
    for changes, problem in _looks(watched, pause, deadline):
        if problem:
            remark(problem, "yellow")
        yield from changes


def _write(change: Change, *, as_json: bool) -> None:
    if as_json:
        fields = {"time": change.time, "kind": change.kind, "about": change.about, "words": change.words}
        write_json_line(fields | {"facts": dict(change.facts)})
    else:
        line = f"{change.time:%Y-%m-%d %H:%M:%S}  {change.kind:<8} {change.about}: {change.words}"
        out().print(plain(line, KIND_STYLES[change.kind]), soft_wrap=True)
    # A reader at the other end of a pipe needs each line at once.
    sys.stdout.flush()


# --- the live screen


def _watch_live(watched: Watch, pause: float, deadline: float) -> None:
    console = out()
    with _summary_at_exit(watched), Live(console=console, screen=True, auto_refresh=False) as live:
        for _, problem in _looks(watched, pause, deadline):
            live.update(screen(watched, console, problem), refresh=True)


@contextmanager
def _summary_at_exit(watched: Watch) -> Iterator[None]:
    """Write one line when the live screen closes, for whatever reason."""
    try:
        yield
    finally:
        watched_for = format_span((datetime.now(UTC) - watched.began).total_seconds())
        remark(f"Watched for {watched_for}: {_tally(watched)}; {counted(len(watched.failures), 'failure')}", "dim")


def screen(watched: Watch, console: Console, problem: str = "") -> RenderableType:
    """Draw the screen, cut to the height of the terminal."""
    failures = list(watched.failures)[:FAILURES_SHOWN]
    room = max(1, console.size.height - LINES_AROUND - len(failures))
    parts: list[RenderableType] = [
        _head(watched.environment, watched.now.moment),
        _cut(plain(watched.now.verdict(), "bold green" if watched.now.is_good else "bold red")),
        _line("tonight", _tonight(watched)),
        _line("alarms", *_alarms(watched)),
        _cut(plain(problem and f"AWS does not answer, trying again: {problem}", "yellow")),
        _queues(watched),
        Text(),
        _line("files", _tally(watched)),
        _completed(list(watched.completed)[:room]),
        Text(),
        _line("failures", counted(len(watched.failures), "failure"), "bold red" if failures else "green"),
        _failed(failures, watched.keys),
    ]
    return Group(*parts)


def _head(environment: Environment, moment: datetime) -> Text:
    where = f"{environment.name}, {moment:%a %d %b %H:%M:%S} UTC; Ctrl-C stops it"
    return Text.assemble(("cafe watch  ", "bold"), plain(where, "dim"))


def _line(name: str, text: str, style: str = "") -> Text:
    return _cut(Text.assemble(plain(f"{name:<10}", "bold"), plain(text, style)))


def _tonight(watched: Watch) -> str:
    if watched.every is None:
        return "the warehouse is not queried; --warehouse-every 300 queries it every five minutes"
    if watched.now.warehouse_problem:
        return f"not known: {watched.now.warehouse_problem}"
    tonight = watched.now.tonight
    if not watched.now.has_tables:
        return "not known: the warehouse lacks its tables or views; `cafe migrate` creates them"
    if tonight is None or not tonight.expected:
        return "no café is expected"
    missing = ", ".join(sorted({cafe.cafe for cafe in tonight.missing}))
    return describe_tonight(tonight) + (f"; missing: {missing}" if missing else "")


def _alarms(watched: Watch) -> tuple[str, str]:
    alarms = watched.now.alarms
    if not alarms:
        return "none", "green"
    return ", ".join(alarm.name for alarm in alarms), "bold red"


def _tally(watched: Watch) -> str:
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(watched.tally.items()))
    files = counted(watched.tally.total(), "file")
    return f"{files} completed ({counts})" if counts else f"{files} completed"


def _queues(watched: Watch) -> Listing:
    counts = ("waiting", "in work", "dead letters")
    grid = table("queue of", *counts, "messages, newest on the right", right=counts)
    for queue in watched.now.queues:
        dead = plain(f"{queue.dead_letters:,}", "bold red" if queue.dead_letters else "")
        bars = plain(sparkline(watched.depths[queue.stage]), "cyan" if queue.backlog else "dim")
        grid.add_row(queue.stage, f"{queue.waiting + queue.delayed:,}", f"{queue.in_flight:,}", dead, bars)
    return grid


def _completed(lines: Sequence[LogLine]) -> Text:
    """List completed files, one per line, newest first."""
    listed = []
    for line in lines:
        outcome = str(line.fields.get("outcome", ""))
        text = outcome_cell(outcome) + plain(describe_completion(line).removeprefix(outcome))
        # Most of the line's room is for the name, so head office's prefix is left out.
        key = document_of(str(line.fields.get("key", "")))
        listed.append(_event_line(line, text, plain(key, "dim")))
    return _lines_of(listed)


def _failed(lines: Sequence[LogLine], keys: Mapping[str, str]) -> Text:
    """List failures, one per line, newest first. The file comes first, because the reasons are often the same."""
    # The end of a key says more than its folders.
    names = [name_files(line, keys).rpartition("/")[2] for line in lines]
    return _lines_of(
        _event_line(line, plain(name), plain(describe_failure(line), "red"))
        for line, name in zip(lines, names, strict=True)
    )


def _event_line(line: LogLine, first: Text, second: Text) -> Text:
    first.truncate(FIRST_WIDTH, overflow="ellipsis", pad=True)
    return Text.assemble(plain(f"{line.time:%H:%M:%S}  ", "dim"), first, "  ", second)


def _lines_of(lines: Iterable[Text]) -> Text:
    """Join lines. A line that is too long for the terminal is cut."""
    return _cut(Text("\n").join(lines))


def _cut(text: Text) -> Text:
    """Let the lines of a text be cut, not folded, where the terminal ends."""
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
