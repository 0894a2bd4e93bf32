"""`cafe status`: is the night's data in, and if not, where is it?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import typer

from cafe.environment import STAGES, Environment, open_environment
from cafe.ledger import FileOutcome, Ledger, still_failed
from cafe.options import BAD_NEWS, SUCCESS, EnvironmentOption, JsonOption, teach
from cafe.presentation import out, outcome_cell, plain, table, write_json
from cafe.remedies import remedy_for
from cafe.warehouse import WarehouseError

RECENT = timedelta(days=1)
# What fits a screen; --json lists all.
FILES_SHOWN = 30

HELP = teach(
    """
    Show whether the pipeline is healthy.

    A verdict; what waits in the queues, with the dead letters; the files of the last day, from the ledger.

    Healthy means: no message was given up (a dead letter), and no file failed whose newer version did not load since.
    A file that was [bold]rejected[/] is the branch's to mend, not the pipeline's: it is shown, and is no failure.
    """,
    examples={
        "cafe status": "a verdict, the queues, the newest files",
        "cafe status --env prod --json": "the same of production, for a script or an alarm",
    },
    exit_codes={
        SUCCESS: "healthy",
        BAD_NEWS: "dead letters, failed files, or a warehouse that does not answer",
    },
)


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How many messages wait for a stage, are being worked on, are held back, or were given up."""

    stage: str
    waiting: int
    in_flight: int
    delayed: int
    dead_letters: int

    @property
    def backlog(self) -> int:
        """Messages that will still be worked on."""
        return self.waiting + self.in_flight + self.delayed


@dataclass(frozen=True, slots=True)
class Health:
    """What there is to know of the pipeline's health; ``warehouse_problem`` is "" when the ledger could be read."""

    queues: tuple[QueueDepth, ...]
    files: tuple[FileOutcome, ...]
    warehouse_problem: str

    @property
    def failed(self) -> list[FileOutcome]:
        """Files whose newest version failed."""
        return still_failed(self.files)

    @property
    def dead_letters(self) -> int:
        """Messages that were given up, in all queues."""
        return sum(queue.dead_letters for queue in self.queues)

    @property
    def is_good(self) -> bool:
        """Whether nothing needs a person of the data team."""
        return not (self.dead_letters or self.failed or self.warehouse_problem)

    def verdict(self) -> str:
        """Say in one line how things stand, the worst first."""
        troubles = []
        if self.dead_letters:
            stages = ", ".join(f"{queue.dead_letters} of {queue.stage}" for queue in self.queues if queue.dead_letters)
            troubles.append(
                f"{_counted(self.dead_letters, 'dead letter')} ({stages}): mend the cause, then `cafe redrive`"
            )
        if self.failed:
            troubles.append(f"{_counted(len(self.failed), 'failed file')}: see below")
        if self.warehouse_problem:
            troubles.append(f"the warehouse does not answer: {self.warehouse_problem}")
        if troubles:
            return "Needs you: " + "; ".join(troubles)
        backlog = sum(queue.backlog for queue in self.queues)
        if backlog:
            return f"Working: {_counted(backlog, 'message')} on the way"
        if not self.files:
            return "Healthy: nothing arrived in the last day"
        tally = Counter(file.outcome for file in self.files)
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items()))
        return f"Healthy: {_counted(len(self.files), 'file')} in the last day ({outcomes})"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", help=HELP)(status)


def status(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Show the pipeline's health."""
    health = _examine(open_environment(env), since=datetime.now(UTC) - RECENT)
    if as_json:
        write_json(_described(health))
    else:
        _show(health)
    raise typer.Exit(SUCCESS if health.is_good else BAD_NEWS)


def _examine(environment: Environment, since: datetime) -> Health:
    queues = tuple(_depth(environment, stage) for stage in STAGES)
    try:
        files = Ledger(environment.warehouse()).recorded_since(since)
    except WarehouseError as error:
        # The queues still tell the person on call something, most of all now.
        return Health(queues, (), error.message)
    return Health(queues, tuple(files), "")


def _depth(environment: Environment, stage: str) -> QueueDepth:
    queue = _attributes(environment, f"{stage}/queue/url")
    dead = _attributes(environment, f"{stage}/deadletters/url")
    return QueueDepth(
        stage,
        waiting=queue["ApproximateNumberOfMessages"],
        in_flight=queue["ApproximateNumberOfMessagesNotVisible"],
        delayed=queue["ApproximateNumberOfMessagesDelayed"],
        dead_letters=dead["ApproximateNumberOfMessages"] + dead["ApproximateNumberOfMessagesNotVisible"],
    )


def _attributes(environment: Environment, fact: str) -> dict[str, int]:
    names = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]
    answer = environment.client("sqs").get_queue_attributes(QueueUrl=environment.fact(fact), AttributeNames=names)
    return {name: int(answer["Attributes"][name]) for name in names}


# --- answers


def _described(health: Health) -> dict[str, Any]:
    return {
        "healthy": health.is_good,
        "verdict": health.verdict(),
        "queues": [asdict(queue) for queue in health.queues],
        "outcomes": dict(Counter(file.outcome for file in health.files)),
        "failed": [
            {"key": file.source_key, "reason": file.reason, "remedy": remedy_for(file.reason)} for file in health.failed
        ],
        "files": [_described_file(file) for file in health.files],
    }


def _described_file(file: FileOutcome) -> dict[str, Any]:
    # The ledger counts rejects; which rules they broke is `cafe rejects`' business, and was not asked for here.
    return {name: value for name, value in asdict(file).items() if name != "rules"}


def _show(health: Health) -> None:
    console = out()
    console.print(plain(health.verdict(), "bold green" if health.is_good else "bold red"), soft_wrap=True)
    console.print()
    counts = ("waiting", "in flight", "delayed", "dead letters")
    grid = table("queue of", *counts, right=counts)
    for queue in health.queues:
        dead = plain(f"{queue.dead_letters:,}", "bold red" if queue.dead_letters else "")
        grid.add_row(queue.stage, f"{queue.waiting:,}", f"{queue.in_flight:,}", f"{queue.delayed:,}", dead)
    console.print(grid)
    if health.failed:
        console.print()
        console.print(_failed_table(health.failed))
    if health.files:
        console.print()
        console.print(_files_table(health.files[-FILES_SHOWN:]))
    if len(health.files) > FILES_SHOWN:
        console.print(plain(f"… and {len(health.files) - FILES_SHOWN:,} before these; --json lists all", "dim"))


def _failed_table(files: Sequence[FileOutcome]) -> Any:
    grid = table("failed file", "reason", "what to do")
    for file in files[:FILES_SHOWN]:
        grid.add_row(plain(file.source_key), plain(file.reason, "bold red"), plain(remedy_for(file.reason)))
    return grid


def _files_table(files: Sequence[FileOutcome]) -> Any:
    counts = ("rows in", "loaded", "duplicate", "rejected")
    grid = table("file", "outcome", *counts, "recorded (UTC)", "file id", right=counts)
    for file in files:
        grid.add_row(
            plain(file.source_key),
            outcome_cell(file.outcome),
            *(f"{count:,}" for count in (file.rows_in, file.rows_loaded, file.rows_duplicate, file.rows_rejected)),
            f"{file.recorded_at:%Y-%m-%d %H:%M:%S}",
            plain(file.file_id, "dim"),
        )
    return grid


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
