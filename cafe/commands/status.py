"""`cafe status`: is tonight in, and if not, what is wrong and what to type?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from cafe.answers.health import Health, Trouble, outcomes_in_words, tonight_in_words
from cafe.answers.remedies import remedy_for
from cafe.answers.tonight import Tonight, ask_tonight
from cafe.answers.wording import span_in_words
from cafe.deployed.alarms import raised_alarms
from cafe.deployed.environment import Environment, open_environment
from cafe.deployed.queue_depths import QueueDepth, queue_depths, with_ages
from cafe.errors import explain_aws_error
from cafe.terminal.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, WarehouseOption, teach
from cafe.terminal.presentation import out, plain, write_json
from cafe.warehouse.ledger import FileOutcome, Ledger
from cafe.warehouse.port import MissingRelation, WarehouseError

RECENT = timedelta(days=1)
# A screen of 24 lines with a line left to type on. Each trouble has a line that names it and one with what to type.
SCREEN_LINES = 23
LINES_ABOVE = 6

HELP = teach(
    """
    Answer in one screen: is tonight in, what is missing, what failed and why, and what to type about it.

    The verdict first. Then how many of the cafés that are expected tonight have reported, by each café's own history;
    the files of the last day; the queues; and everything that needs you, the worst first, with its command.

    Healthy means: no dead letter, no failed file whose newer version did not load since, no café missing that is due,
    no alarm. What was [bold]rejected[/] is the branch's to mend: it is shown, with its alarm, and is no failure.

    On AWS the warehouse is asked two or three statements. That wakes it, and a minute of it is billed at least;
    [bold]--no-warehouse[/] shows only queues and alarms.
    """,
    examples={
        "cafe status": "the verdict, and what to type",
        "cafe status --env prod --no-warehouse": "queues and alarms alone: nothing is woken",
        "cafe status --env prod --json": "everything, each file too, for a script",
    },
    exit_codes={
        SUCCESS: "healthy, or at work",
        BAD_NEWS: "dead letters, failed files, missing cafés, alarms, or a warehouse that does not answer",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", help=HELP)(status)


def status(
    warehouse: WarehouseOption = True,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Show the pipeline's health."""
    environment = open_environment(env)
    health = examine(environment, datetime.now(UTC), ask_warehouse=warehouse)
    if as_json:
        write_json(_described(health))
    else:
        _show(health, environment)
    raise typer.Exit(SUCCESS if health.is_good else BAD_NEWS)


def examine(environment: Environment, now: datetime, *, ask_warehouse: bool) -> Health:
    """Ask queues, alarms and the warehouse. One that does not answer keeps nobody from hearing the others."""
    health = Health(now, queue_depths(environment), is_warehouse_asked=ask_warehouse)
    try:
        queues = with_ages(environment, health.queues, now)
        health = replace(health, queues=queues, alarms=raised_alarms(environment))
    except (BotoCoreError, ClientError) as error:
        health = replace(health, alarms_problem=explain_aws_error(error).message)
    if not ask_warehouse:
        return health
    try:
        warehouse = environment.warehouse()
        health = replace(health, files=tuple(Ledger(warehouse).recorded_since(now - RECENT)))
        return replace(health, tonight=ask_tonight(warehouse, now))
    except MissingRelation:
        # Nothing was ever loaded, or the marts are older than this command.
        return health
    except WarehouseError as error:
        # The queues still tell the person on call something, most of all now.
        return replace(health, warehouse_problem=error.message)
    except (BotoCoreError, ClientError) as error:
        return replace(health, warehouse_problem=explain_aws_error(error).message)


# --- for scripts


def _described(health: Health) -> dict[str, Any]:
    return {
        "healthy": health.is_good,
        "verdict": health.verdict(),
        "moment": health.moment,
        "troubles": [asdict(trouble) for trouble in health.troubles],
        "tonight": _described_tonight(health.tonight),
        "queues": [asdict(queue) for queue in health.queues],
        "alarms": [asdict(alarm) for alarm in health.alarms],
        "alarms_problem": health.alarms_problem,
        "warehouse_asked": health.is_warehouse_asked,
        "warehouse_problem": health.warehouse_problem,
        "outcomes": dict(Counter(file.outcome for file in health.files)),
        "failed": [_described_refusal(file) for file in health.failed],
        "rejected": [_described_refusal(file) for file in health.rejected],
        "files": [_described_file(file) for file in health.files],
    }


def _described_tonight(tonight: Tonight | None) -> dict[str, Any] | None:
    return None if tonight is None else asdict(tonight) | {"awaited": tonight.awaited}


def _described_refusal(file: FileOutcome) -> dict[str, str]:
    return {
        "key": file.source_key,
        "file_id": file.file_id,
        "reason": file.reason,
        "detail": file.detail,
        "remedy": remedy_for(file.reason),
    }


def _described_file(file: FileOutcome) -> dict[str, Any]:
    # The ledger counts rejects; which rules they broke is `cafe rejects`' business, and was not asked for here.
    return {name: value for name, value in asdict(file).items() if name != "rules"}


# --- for people


def _show(health: Health, environment: Environment) -> None:
    console = out()
    style = "bold red" if not health.is_good else "bold yellow" if health.backlog else "bold green"
    lines = [
        plain(health.verdict(), style),
        plain(f"{environment.name}, {health.moment:%a %d %b %Y %H:%M} UTC", "dim"),
        plain(""),
        _line("tonight", _tonight(health)),
        _line("files", _files(health)),
        _line("queues", "   ".join(_depth(queue) for queue in health.queues)),
    ]
    if health.alarms_problem:
        lines.append(_line("alarms", f"not known: {health.alarms_problem}"))
    for line in lines:
        console.print(line, soft_wrap=True)
    _show_troubles(console, health.troubles)


def _show_troubles(console: Console, troubles: Sequence[Trouble]) -> None:
    if not troubles:
        return
    lines = (SCREEN_LINES - LINES_ABOVE) // len(troubles) - 2
    # A line between them as long as there is room for it.
    apart = lines > 1
    most = max(1, lines - apart)
    for trouble in troubles:
        mark, style = ("✗", "bold red") if trouble.needs_you else ("!", "yellow")
        head = Text.assemble((f"{mark} ", style), plain(trouble.headline, style), plain(f"   {trouble.runbook}", "dim"))
        if apart:
            console.print()
        for line in [head, *_items(trouble, most)]:
            # Piped, a line is whole; on a terminal, one line is one line.
            console.print(line, no_wrap=True, overflow="ellipsis", crop=console.is_terminal)
        console.print(Padding(plain(f"→ {trouble.remedy}", "cyan"), (0, 0, 0, 2)))


def _items(trouble: Trouble, most: int) -> list[Text]:
    """Cut a list: its last line tells how many more there are, on a line of its own if there is room for two."""
    lines, more = [plain(f"  {item}") for item in trouble.items[:most]], len(trouble.items) - most
    if more <= 0:
        return lines
    if most == 1:
        return [plain(f"  1 of {more + 1:,}, --json lists all: {trouble.items[0]}")]
    return [*lines[:-1], plain(f"  … and {more + 1:,} more; --json lists all", "dim")]


def _line(name: str, text: str) -> Text:
    return Text.assemble((f"{name:<9}", "bold"), plain(text))


def _tonight(health: Health) -> str:
    tonight = health.tonight
    if not health.is_warehouse_asked:
        return "not known: the warehouse was not asked"
    if health.warehouse_problem:
        return "not known: the warehouse does not answer"
    if tonight is None:
        return "not known: the warehouse has no marts yet; `cafe migrate` makes them"
    if tonight.newest_sale_at is None:
        return "no café has ever sold anything"
    hours = (health.moment.replace(tzinfo=None) - tonight.newest_sale_at).total_seconds()
    newest = f"newest sale {tonight.newest_sale_at:%a %d %b %H:%M}, {span_in_words(max(hours, 0))} ago"
    if not tonight.expected:
        return f"no café is expected on {tonight.night:%a %d %b}, by the last four weeks; {newest}"
    return f"{tonight_in_words(tonight)} for {tonight.night:%a %d %b}; {newest}"


def _files(health: Health) -> str:
    if not health.files and (health.warehouse_problem or not health.is_warehouse_asked):
        return "not known"
    if not health.files:
        return "none in the last day"
    rows, refused = sum(file.rows_in for file in health.files), sum(file.rows_rejected for file in health.files)
    told = f"{len(health.files):,} in the last day: {outcomes_in_words(health.files)}; {rows:,} rows"
    return f"{told}, {refused:,} of them refused (cafe rejects)" if refused else told


def _depth(queue: QueueDepth) -> str:
    counts = ((queue.waiting, "waiting"), (queue.in_flight, "in work"), (queue.delayed, "delayed"))
    told = ", ".join(f"{count:,} {name}" for count, name in counts if count) or "0"
    age = f", oldest {span_in_words(queue.oldest_seconds)}" if queue.oldest_seconds is not None else ""
    return f"{queue.stage} {told}{age if queue.backlog else ''}"
