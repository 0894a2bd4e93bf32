"""`cafe status`: have all cafés reported tonight, and if not, what is wrong and what to type?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from math import ceil
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from cafe.answers.checks import describe_run
from cafe.answers.examining import examine
from cafe.answers.health import Health, Trouble, count_outcomes, describe_tonight
from cafe.answers.remedies import remedy_of
from cafe.answers.tonight import Tonight
from cafe.answers.wording import counted, format_span
from cafe.deployed.environment import Environment, open_environment
from cafe.deployed.queue_depths import QueueDepth
from cafe.terminal.documents import write_json
from cafe.terminal.ledger_json import outcome_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, WarehouseOption, help_text
from cafe.terminal.presentation import out, plain, say
from cafe.warehouse.ledger import LedgerEntry

# A screen of 24 lines, less one for the prompt. Each trouble has a line with its name and one with what to type.
SCREEN_LINES = 23
LINES_ABOVE = 7

HELP = help_text(
    """
    Show on one screen: which cafés have reported tonight, what is missing, what failed and why, and what to type.

    The verdict comes first. Then: how many of the cafés expected tonight have reported, by each café's own history;
    the files of the last day; the queues; and everything that needs you, worst first, with its command.

    Healthy means: no check that finds faulty rows, no view missing, no dead letter, no failed file (unless a newer
    version has loaded since), no file that is held for a person, no café that is due and missing, no sale for 36 hours,
    and no alarm. A branch has to fix what was [bold]rejected[/]: it is shown, with its alarm, but does not make the
    pipeline unhealthy.

    It says what the checks found last, and when. They run again first, as with `cafe check`, if that is more than 15
    minutes ago, if they found anything, or if a file came since.

    On AWS, this wakes the warehouse, and at least one minute is billed. [bold]--no-warehouse[/] shows only queues and
    alarms.
    """,
    examples={
        "cafe status": "the verdict, and what to type",
        "cafe status --env prod --no-warehouse": "queues and alarms only; does not wake the warehouse",
        "cafe status --env prod --json": "everything, with each file, for a script",
    },
    exit_codes={
        EXIT_OK: "healthy, or working",
        EXIT_UNHEALTHY: "failing checks, dead letters, failed or held files, missing cafés, alarms, a silent warehouse",
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
    """Show the health of the pipeline."""
    environment = open_environment(env)
    health = examine(environment, datetime.now(UTC), query_warehouse=warehouse)
    if as_json:
        write_json(_health_json(health))
    else:
        _show(health, environment)
    raise typer.Exit(EXIT_OK if health.is_good else EXIT_UNHEALTHY)


# --- for scripts


def _health_json(health: Health) -> dict[str, Any]:
    return {
        "healthy": health.is_good,
        "verdict": health.verdict(),
        "moment": health.moment,
        "troubles": [asdict(trouble) for trouble in health.troubles],
        "tonight": _tonight_json(health.tonight),
        "queues": [asdict(queue) for queue in health.queues],
        "alarms": [asdict(alarm) for alarm in health.alarms],
        "alarms_problem": health.alarms_problem,
        "checks": None if health.checks is None else asdict(health.checks),
        "checks_problem": health.checks_problem,
        "warehouse_asked": health.is_warehouse_queried,
        "warehouse_problem": health.warehouse_problem,
        "outcomes": dict(Counter(file.outcome for file in health.files)),
        "failed": [_refusal_json(file) for file in health.failed],
        "held": [_refusal_json(file) for file in health.held],
        "rejected": [_refusal_json(file) for file in health.rejected],
        "files": [outcome_json(file) for file in health.files],
    }


def _tonight_json(tonight: Tonight | None) -> dict[str, Any] | None:
    return None if tonight is None else asdict(tonight) | {"awaited": tonight.awaited}


def _refusal_json(file: LedgerEntry) -> dict[str, str]:
    return {
        "key": file.source_key,
        "file_id": file.file_id,
        "reason": file.reason,
        "detail": file.detail,
        "remedy": remedy_of(file),
    }


# --- for people


def _show(health: Health, environment: Environment) -> None:
    console = out()
    style = "bold red" if not health.is_good else "bold yellow" if health.backlog or health.troubles else "bold green"
    lines = [
        plain(health.verdict(), style),
        plain(f"{environment.name}, {health.moment:%a %d %b %Y %H:%M} UTC", "dim"),
        plain(""),
        _line("tonight", _tonight(health)),
        _line("files", _files(health)),
        _line("checks", _checks(health)),
        _line("queues", "   ".join(_depth(queue) for queue in health.queues)),
    ]
    if health.alarms_problem:
        lines.append(_line("alarms", f"not known: {health.alarms_problem}"))
    for line in lines:
        say(console, line, 9)
    _show_troubles(console, health.troubles)


def _show_troubles(console: Console, troubles: Sequence[Trouble]) -> None:
    if not troubles:
        return
    shown = _those_that_fit(troubles, console.width)
    left = SCREEN_LINES - LINES_ABOVE - sum(_lines(trouble, console.width) for trouble in shown)
    each = left // len(shown)
    # An empty line between troubles if there is room.
    apart = each > 1
    most = max(0, each - apart)
    for trouble in shown:
        mark, style = ("✗", "bold red") if trouble.needs_you else ("!", "yellow")
        head = Text.assemble(
            plain(f"{mark} ", style), plain(trouble.headline, style), plain(f"   {trouble.runbook}", "dim")
        )
        if most == 0 and trouble.items:
            head.append_text(plain(f"   {trouble.items[0]}"))
        if apart:
            console.print()
        for line in [head, *_items(trouble, most)]:
            # A line is cut to the width of a terminal, and written whole to a pipe.
            console.print(line, no_wrap=True, overflow="ellipsis", crop=console.is_terminal)
        say(console, plain(f"  → {trouble.remedy}", "cyan"), 4)
    if len(shown) < len(troubles):
        console.print(
            plain(f"… and {len(troubles) - len(shown):,} more; --json lists all, `cafe rejects` refusals", "dim")
        )


def _those_that_fit(troubles: Sequence[Trouble], width: int) -> Sequence[Trouble]:
    """Choose the first troubles, the worst, whose name and remedy fit on a screen; one line says how many are left."""
    room, fit = SCREEN_LINES - LINES_ABOVE, 0
    for number, trouble in enumerate(troubles, start=1):
        room -= _lines(trouble, width)
        if room >= (number < len(troubles)):
            fit = number
    return troubles[: max(fit, 1)]


def _lines(trouble: Trouble, width: int) -> int:
    """Count the lines of a trouble's name and remedy."""
    return 1 + ceil((len(trouble.remedy) + 4) / width)


def _items(trouble: Trouble, most: int) -> list[Text]:
    """Cut a list to ``most`` lines, and say how many more items there are."""
    lines, more = [plain(f"  {item}") for item in trouble.items[:most]], len(trouble.items) - most
    if more <= 0 or most == 0:
        return lines
    if most == 1:
        return [plain(f"  1 of {more + 1:,}, --json lists all: {trouble.items[0]}")]
    return [*lines[:-1], plain(f"  … and {more + 1:,} more; --json lists all", "dim")]


def _line(name: str, text: str) -> Text:
    return Text.assemble(plain(f"{name:<9}", "bold"), plain(text))


def _tonight(health: Health) -> str:
    tonight = health.tonight
    if not health.is_warehouse_queried:
        return "not known: the warehouse was not queried"
    if health.warehouse_problem:
        return "not known: the warehouse does not answer"
    if tonight is None:
        return "not known: the warehouse lacks its tables or views; `cafe migrate` creates them"
    if tonight.newest_sale_at is None:
        return "no café has any sales yet"
    seconds = (health.moment.replace(tzinfo=None) - tonight.newest_sale_at).total_seconds()
    newest = f"newest sale {tonight.newest_sale_at:%a %d %b %H:%M}, {format_span(max(seconds, 0))} ago"
    if not tonight.expected:
        return f"no café is expected on {tonight.night:%a %d %b}, by the last four weeks; {newest}"
    return f"{describe_tonight(tonight)} for {tonight.night:%a %d %b}; {newest}"


def _files(health: Health) -> str:
    if not health.files and (health.warehouse_problem or not health.is_warehouse_queried):
        return "not known"
    if not health.files:
        return "none in the last day"
    rows, rejected = sum(file.rows_in for file in health.files), sum(file.rows_rejected for file in health.files)
    files = f"{len(health.files):,} in the last day: {count_outcomes(health.files)}; {counted(rows, 'row')}"
    return f"{files}, {rejected:,} of them rejected (cafe rejects)" if rejected else files


def _checks(health: Health) -> str:
    if health.checks is None:
        if not health.is_warehouse_queried:
            return "not known: the warehouse was not queried"
        return f"not known: {health.checks_problem or 'the warehouse does not answer'}"
    known = describe_run(health.checks, health.moment)
    return f"{known}; not run again: {health.checks_problem}" if health.checks_problem else known


def _depth(queue: QueueDepth) -> str:
    counts = ((queue.waiting, "waiting"), (queue.in_flight, "in work"), (queue.delayed, "delayed"))
    messages = ", ".join(f"{count:,} {name}" for count, name in counts if count) or "0"
    age = f", oldest {format_span(queue.oldest_seconds)}" if queue.oldest_seconds is not None else ""
    return f"{queue.stage} {messages}{age if queue.backlog else ''}"
