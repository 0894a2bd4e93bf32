"""`cafe smoke`: send a made-up file through a deployed stack, compare its outcome, and take it out again."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cafe.answers.wording import typed
from cafe.deployed.environment import LOCAL, Environment, open_environment
from cafe.errors import CafeError, explain_aws_error
from cafe.sending.smoke_file import Comparison, SmokeFile, smoke_file
from cafe.sending.smoke_removal import take_out, take_out_leftovers
from cafe.sending.uploads import DropPlan, Upload
from cafe.terminal import drops
from cafe.terminal.documents import write_json
from cafe.terminal.ledger_json import outcome_json
from cafe.terminal.options import EXIT_INTERRUPTED, EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain, remark, say, table, working
from cafe.warehouse.ledger import LedgerEntry

DEFAULT_TIMEOUT_SECONDS = 600.0

HELP = help_text(
    """
    Send a made-up file through a deployed stack, compare its outcome with the expected one, and take it out again.

    The file has three orders, one of them twice, and a row with a wrong total. Its café, [bold]Smoke test[/], does not
    exist: no other file may name it, the register of cafés never gets it, and its sales are of the year 2000. After
    [bold]--timeout[/] seconds without an outcome, the test has failed.

    The file is retracted at the end, also after a failure or Ctrl-C; so the command may wait as long again for the file
    to arrive. A second Ctrl-C ends that, and the command to type is shown. What a killed run left, the next run takes
    out. It does no harm to run it twice, or twice at once.

    What stays: the file's row in the ledger, as [bold]retracted[/], with its rejected row; the names of its café and
    its product, without sales; and the raw file, until the drop bucket's files expire.
    """,
    examples={
        "cafe smoke --env dev": "after a deploy: does the stack load a file?",
        "cafe smoke --env prod --json": "the same for a script",
    },
    exit_codes={
        EXIT_OK: "the outcome is as expected, and the file is out again",
        EXIT_UNHEALTHY: "there is no outcome in time, or another one, or the file could not be taken out",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("smoke", help=HELP)(smoke)


def smoke(
    timeout: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for the outcome.")
    ] = DEFAULT_TIMEOUT_SECONDS,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Send a file, compare its outcome, and take it out again."""
    environment, now = open_environment(env), datetime.now(UTC)
    left = take_out_leftovers(environment, now)
    for key in left:
        remark(f"An earlier run was killed and left {key}: it is out now.", "yellow")
    file, started = smoke_file(now.date(), SystemRandom()), time.monotonic()
    entry = _outcome_of(environment, file, timeout)
    seconds = time.monotonic() - started
    retracted = _take_out(environment, file, timeout)
    compared = [*file.compare_outcome(entry), *file.compare_retracted(retracted)]
    if as_json:
        write_json(
            {
                "key": file.key,
                "seconds": round(seconds, 3),
                "outcome": None if entry is None else outcome_json(entry) | {"rules": entry.rules},
                "comparisons": [asdict(one) | {"is_right": one.is_right} for one in compared],
                "retracted": retracted,
                "left_by_earlier_runs": left,
            }
        )
    else:
        _show(environment, file, compared, seconds)
    raise typer.Exit(EXIT_OK if all(one.is_right for one in compared) else EXIT_UNHEALTHY)


def _outcome_of(environment: Environment, file: SmokeFile, timeout_seconds: float) -> LedgerEntry | None:
    """Send the file and wait for its outcome. If that fails or is interrupted, take the file out first."""
    try:
        with TemporaryDirectory(prefix="cafe-smoke-") as folder:
            path = Path(folder) / "smoke.csv"
            path.write_text(file.text, encoding="utf-8")
            plan = DropPlan((Upload(path, file.key, path.stat().st_size),), ())
            (stored,) = drops.drop(environment, plan)
        try:
            return drops.wait(environment, [stored], timeout_seconds).get(stored.in_ledger)
        except (CafeError, BotoCoreError, ClientError):
            _take_out(environment, file, timeout_seconds)
            raise
    except drops.DropInterrupted as interrupt:
        if interrupt.sent:
            remark("Interrupted: the file is taken out first. Ctrl-C again ends that too.", "yellow")
            _take_out(environment, file, timeout_seconds)
        raise typer.Exit(EXIT_INTERRUPTED) from None


def _take_out(environment: Environment, file: SmokeFile, wait_seconds: float) -> Sequence[dict[str, Any]]:
    """Retract the file. If that is not possible now, say why, and what to type later."""
    try:
        with working("taking the file out again"):
            retracted = take_out(environment, file.key, wait_seconds)
    except CafeError as error:
        why = error.message
    except (BotoCoreError, ClientError) as error:
        why = explain_aws_error(error).message
    except KeyboardInterrupt:
        _say_what_is_left(environment, file, "you interrupted it.")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    else:
        if retracted is not None:
            return retracted
        why = "it is still on its way."
    _say_what_is_left(environment, file, why)
    return ()


def _say_what_is_left(environment: Environment, file: SmokeFile, why: str) -> None:
    remark(f"The file is not taken out of the warehouse: {why}", "yellow")
    remark(f"When it has arrived, type: cafe retract {typed(file.key)} --yes{_option(environment)}", "cyan")
    remark("Or run `cafe smoke` again in ten minutes, which does the same.", "cyan")


def _option(environment: Environment) -> str:
    return "" if environment.name == LOCAL else f" --env {environment.name}"


def _show(environment: Environment, file: SmokeFile, compared: Sequence[Comparison], seconds: float) -> None:
    console = out()
    grid = table("", "what", "expected", "found", right=["expected", "found"])
    for one in compared:
        style = "green" if one.is_right else "bold red"
        mark = plain("✓" if one.is_right else "✗", style)
        grid.add_row(mark, one.name, one.expected, plain(one.found or "nothing", "" if one.is_right else style))
    console.print(grid)
    console.print()
    if all(one.is_right for one in compared):
        say(console, plain(f"{environment.name} loaded the file in {seconds:.1f} s, and it is out again.", "green"))
    else:
        say(console, plain(f"The story of the file: cafe trace {typed(file.key)}{_option(environment)}", "cyan"))
