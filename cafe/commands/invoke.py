"""`cafe invoke`: run one stage by itself, under Lambda's own runtime client, as a process or in a container."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cafe.answers.watch import COMPLETED
from cafe.answers.wording import counted
from cafe.deployed.environment import open_environment
from cafe.terminal.containers import ready_containers
from cafe.terminal.documents import write_json
from cafe.terminal.options import (
    EXIT_OK,
    EXIT_UNHEALTHY,
    ContainerOption,
    EnvironmentOption,
    JsonOption,
    StageName,
    help_text,
)
from cafe.terminal.presentation import json_text, out, plain, remark, show_log

if TYPE_CHECKING:
    from cafe.deployed.environment import Environment
    from cafe.local.containers import Containers
    from cafe.sending.stage_runs import StageRun

NOTHING_COMPLETED = (
    "This run of load completed no file. Usually the deployed load was faster: a dropped file also goes through the "
    "deployed pipeline. `cafe trace FILE` says what became of it."
)
HELP = help_text(
    """
    Run the build of one stage by itself, under AWS's Lambda runtime client: as a process, which works on Linux only, or
    with [bold]--container[/] by [bold]sam local invoke[/] in AWS's image, wherever a container engine runs.

    [bold]FILE[/] is a branch file, or an event that [bold]cafe event[/] printed: a file ending in .json, or
    [bold]-[/] for standard input. A branch file is dropped first, and the stages before the chosen one run on it. The
    file also goes through the deployed pipeline; load counts each order once, however often it comes.

    Log lines are written to standard error; the function's answer and the messages that it sent, to standard output.
    The messages go to a queue that is made for this run: the deployed functions never receive them. The stage runs
    with the emulator's root credentials, so its permissions are not tested here; [bold]cafe drop[/] tests them. The
    local stack must be running. `make build` builds your changes.
    """,
    examples={
        "cafe invoke extract chesterfield.csv": "what extract answers, and sends to transform",
        "cafe invoke load chesterfield.csv --json": "run extract, transform and load; show load's answer",
        "cafe event chesterfield.csv | cafe invoke extract -": "the same, by way of the event",
        "cafe invoke load chesterfield.csv --container": "all three in containers, on any system",
    },
    exit_codes={
        EXIT_OK: "the stage processed every message",
        EXIT_UNHEALTHY: "the stage failed, or reported a failed message",
    },
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("invoke", help=HELP)(invoke)


def invoke(
    stage: Annotated[StageName, typer.Argument(metavar="STAGE", help="extract, transform or load.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A branch file, an event.json, or - for an event.")],
    container: ContainerOption = False,
    as_json: JsonOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Run one stage."""
    from cafe.sending.stage_runs import OnlyLocal, run_stage

    environment = open_environment(env)
    if not environment.is_local:
        raise OnlyLocal(environment.name)
    containers = ready_containers(environment) if container else None
    run = run_stage(environment, stage, _event(environment, stage, file, containers), containers)
    show_log(run.log, run.stage)
    if as_json:
        write_json(_run_json(run))
    else:
        _show(run)
    if run.is_good and stage == "load" and COMPLETED not in run.log:
        remark(NOTHING_COMPLETED, "dim")
    if not run.is_good:
        raise typer.Exit(EXIT_UNHEALTHY)


def _event(environment: "Environment", stage: str, file: Path, containers: "Containers | None") -> dict[str, Any]:
    from cafe.sending.stage_runs import event_for, read_event

    if str(file) == "-":
        return read_event(sys.stdin.read())
    if file.suffix == ".json" and file.is_file():
        return read_event(file.read_text(encoding="utf-8"))
    return event_for(
        environment, stage, file, on_run=lambda run: show_log(run.log, run.stage), in_containers=containers
    )


def _run_json(run: "StageRun") -> dict[str, Any]:
    return {
        "stage": run.stage,
        "failed": run.failed,
        "answer": run.answer,
        "messages": [json.loads(message) for message in run.messages],
    }


def _show(run: "StageRun") -> None:
    console = out()
    console.print(plain(f"{run.stage} {'failed with' if run.failed else 'answered'}", "bold"))
    console.print(json_text(run.answer), soft_wrap=True)
    if run.messages:
        console.print(plain(f"and sent {counted(len(run.messages), 'message')}", "bold"))
    for message in run.messages:
        console.print(json_text(json.loads(message)), soft_wrap=True)
