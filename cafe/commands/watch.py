"""`cafe watch`: the pipeline as it works, live."""

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
from rich.table import Table
from rich.text import Text

from cafe.answers.health import tonight_in_words
from cafe.answers.watch import Change, Watch, ended_in_words, failure_in_words, files_of, sparkline
from cafe.answers.wording import counted, span_in_words
from cafe.deployed.environment import Environment, open_environment
from cafe.deployed.logs import LogLine
from cafe.errors import explain_aws_error
from cafe.terminal.options import SUCCESS, EnvironmentOption, JsonOption, teach
from cafe.terminal.presentation import json_line, out, outcome_cell, plain, remark, table

LOCAL_PAUSE_SECONDS = 2.0
# On AWS each look is six calls to SQS, three to the logs and one to CloudWatch.
AWS_PAUSE_SECONDS = 10.0
LOCAL_WAREHOUSE_SECONDS = 10.0
# What stands above, between and below the lists of the live view.
LINES_AROUND = 14
FAILURES_SHOWN = 4
FIRST_WIDTH = 42
KIND_STYLES = {"failure": "bold red", "alarm": "bold red", "file": "green", "tonight": "bold", "queue": "dim"}

HELP = teach(
    """
    Watch the pipeline at work: queues, files as they end, failures, alarms, and how many cafés are in.

    On a terminal a live screen, until Ctrl-C. Anywhere else one line a change, and with [bold]--json[/] one object a
    line. The last ten minutes are told first. Times are UTC.

    Locally it looks every 2 seconds, and asks the warehouse every 10 who is in. On AWS it looks every 10 seconds at
    queues, logs and alarms, and never at the warehouse, which every question would wake and keep awake:
    [bold]--warehouse-every 300[/] asks it every five minutes all the same.
    """,
    examples={
        "cafe watch": "the live screen; Ctrl-C ends it",
        "cafe watch --once": "one look, then the end",
        "cafe watch --seconds 600 --json --env prod > night.jsonl": "what changes in ten minutes, for a script",
    },
    exit_codes={SUCCESS: "the time was over, or one look was asked for"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("watch", help=HELP)(watch)


def watch(
    every: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Look so often.", show_default="2; on AWS 10")
    ] = None,
    warehouse_every: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="SECONDS", help="Ask the warehouse so often; 0 never.", show_default="10; on AWS 0"
        ),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="End after so long.", show_default="at Ctrl-C")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Watch until Ctrl-C, or as long as asked."""
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


def _looks(watched: Watch, pause: float, deadline: float) -> Iterator[tuple[list[Change], str]]:
    """Look until the deadline, at least once. What AWS refuses after the first look is told, and tried again."""
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


# --- one line a change


def _changes(watched: Watch, pause: float, deadline: float) -> Iterator[Change]:
    for changes, problem in _looks(watched, pause, deadline):
        if problem:
            remark(problem, "yellow")
        yield from changes


def _write(change: Change, *, as_json: bool) -> None:
    if as_json:
        told = {"time": change.time, "kind": change.kind, "about": change.about, "words": change.words}
        typer.echo(json_line(told | {"facts": dict(change.facts)}))
    else:
        line = f"{change.time:%Y-%m-%d %H:%M:%S}  {change.kind:<8} {change.about}: {change.words}"
        out().print(plain(line, KIND_STYLES[change.kind]), soft_wrap=True)
    # Whoever reads a pipe wants each line when it happens.
    sys.stdout.flush()


# --- the live screen


def _watch_live(watched: Watch, pause: float, deadline: float) -> None:
    console = out()
    with _last_word(watched), Live(console=console, screen=True, auto_refresh=False) as live:
        for _, problem in _looks(watched, pause, deadline):
            live.update(screen(watched, console, problem), refresh=True)


@contextmanager
def _last_word(watched: Watch) -> Iterator[None]:
    """Leave one line behind when the screen goes away, whatever ended it."""
    try:
        yield
    finally:
        watched_for = span_in_words((datetime.now(UTC) - watched.began).total_seconds())
        remark(f"Watched for {watched_for}: {_tally(watched)}; {counted(len(watched.failures), 'failure')}", "dim")


def screen(watched: Watch, console: Console, problem: str = "") -> RenderableType:
    """Draw what is known, cut to the height of the terminal."""
    failures = list(watched.failures)[:FAILURES_SHOWN]
    room = max(1, console.size.height - LINES_AROUND - len(failures))
    parts: list[RenderableType] = [
        _head(watched.environment, watched.now.moment),
        _line("tonight", _tonight(watched)),
        _line("alarms", *_alarms(watched)),
        Text(problem and f"AWS does not answer, trying again: {problem}", "yellow", no_wrap=True, overflow="ellipsis"),
        _queues(watched),
        Text(),
        _line("files", _tally(watched)),
        _ended(list(watched.ended)[:room]),
        Text(),
        _line("failures", counted(len(watched.failures), "failure"), "bold red" if failures else "green"),
        _failed(failures, watched.keys),
    ]
    return Group(*parts)


def _head(environment: Environment, moment: datetime) -> Text:
    told = f"{environment.name}, {moment:%a %d %b %H:%M:%S} UTC; Ctrl-C ends it"
    return Text.assemble(("cafe watch  ", "bold"), plain(told, "dim"))


def _line(name: str, text: str, style: str = "") -> Text:
    line = Text.assemble((f"{name:<10}", "bold"), plain(text, style))
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _tonight(watched: Watch) -> str:
    if watched.every is None:
        return "the warehouse is not asked; --warehouse-every 300 asks it every five minutes"
    if watched.now.warehouse_problem:
        return f"not known: {watched.now.warehouse_problem}"
    tonight = watched.now.tonight
    if tonight is None or not tonight.expected:
        return "no café is expected"
    missing = ", ".join(sorted({cafe.cafe for cafe in tonight.missing}))
    return tonight_in_words(tonight) + (f"; missing: {missing}" if missing else "")


def _alarms(watched: Watch) -> tuple[str, str]:
    alarms = watched.now.alarms
    if not alarms:
        return "none", "green"
    return ", ".join(alarm.name for alarm in alarms), "bold red"


def _tally(watched: Watch) -> str:
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(watched.tally.items()))
    ended = counted(watched.tally.total(), "file")
    return f"{ended} ended ({counts})" if counts else f"{ended} ended"


def _queues(watched: Watch) -> Table:
    counts = ("waiting", "in work", "dead letters")
    grid = table("queue of", *counts, "messages, newest on the right", right=counts)
    for queue in watched.now.queues:
        dead = plain(f"{queue.dead_letters:,}", "bold red" if queue.dead_letters else "")
        bars = plain(sparkline(watched.depths[queue.stage]), "cyan" if queue.backlog else "dim")
        grid.add_row(queue.stage, f"{queue.waiting + queue.delayed:,}", f"{queue.in_flight:,}", dead, bars)
    return grid


def _ended(lines: Sequence[LogLine]) -> Text:
    """List files that ended, a line each, the newest on top."""
    told = []
    for line in lines:
        outcome = str(line.fields.get("outcome", ""))
        words = outcome_cell(outcome) + plain(ended_in_words(line).removeprefix(outcome))
        told.append(_happened(line, words, plain(str(line.fields.get("key", "")), "dim")))
    return _listed(told)


def _failed(lines: Sequence[LogLine], keys: Mapping[str, str]) -> Text:
    """List failures, a line each, the newest on top: which file first, since the why is often the same."""
    # The end of a key tells more than its folders.
    names = [files_of(line, keys).rpartition("/")[2] for line in lines]
    return _listed(
        _happened(line, plain(name), plain(failure_in_words(line), "red"))
        for line, name in zip(lines, names, strict=True)
    )


def _happened(line: LogLine, first: Text, second: Text) -> Text:
    first.truncate(FIRST_WIDTH, overflow="ellipsis", pad=True)
    return Text.assemble((f"{line.time:%H:%M:%S}  ", "dim"), first, "  ", second)


def _listed(lines: Iterable[Text]) -> Text:
    """Put lines below each other; one that is too long for the terminal is cut."""
    listed = Text("\n", no_wrap=True, overflow="ellipsis").join(lines)
    listed.no_wrap, listed.overflow = True, "ellipsis"
    return listed
