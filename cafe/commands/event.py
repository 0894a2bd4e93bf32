"""`cafe event`: drop a file, and print the event with which AWS calls a stage for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cafe.deployed.environment import open_environment
from cafe.terminal.containers import ready_containers, typed_command
from cafe.terminal.documents import write_document
from cafe.terminal.options import EXIT_OK, ContainerOption, EnvironmentOption, StageName, help_text
from cafe.terminal.presentation import remark, show_log

if TYPE_CHECKING:
    from cafe.deployed.environment import Environment

HELP = help_text(
    """
    Drop a branch file and print the event with which Lambda calls a stage for it.

    Only the event is written to standard output. It is an SQS batch; for extract, a batch of one message with S3's
    notification of the dropped version. The line that runs the stage on it in a container is written to standard error.
    It needs a container engine; [bold]cafe invoke[/] does not.

    The line starts with [bold]cafe env[/], which leads [bold]sam[/] to the local stack. Without it, SAM does nothing.
    `samconfig.toml` holds the rest: a template with the deployed functions, their variables, and the way to this
    machine.

    For transform and load, the stages before run here, as with `cafe invoke`. Like any drop, the file also goes
    through the deployed pipeline.
    """,
    examples={
        "cafe event chesterfield.csv > event.json": "keep the event for extract",
        "cafe env sam local invoke ExtractFunction -e event.json": "run extract in a container on it",
        "cafe event chesterfield.csv --stage load > event.json": "keep the event for load",
        "cafe invoke load event.json": "run load with it, without a container, as often as you like",
    },
    exit_codes={EXIT_OK: "the file is dropped and the event printed"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("event", help=HELP)(event)


def event(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A branch file.")],
    stage: Annotated[StageName, typer.Option(help="The stage that the event is for.")] = "extract",
    container: ContainerOption = False,
    env: EnvironmentOption = "local",
) -> None:
    """Drop a file, print an event."""
    from cafe.sending.stage_runs import event_for

    environment = open_environment(env)
    containers = ready_containers(environment) if container else None
    answer = event_for(
        environment, stage, file, on_run=lambda run: show_log(run.log, run.stage), in_containers=containers
    )
    write_document(answer)
    remark(f"dropped {file} into {environment.fact('drop/bucket/name')}", "dim")
    if environment.is_local:
        _say_how_to_run(environment, stage)


def _say_how_to_run(environment: "Environment", stage: str) -> None:
    """Write the line that runs the stage in a container, and get ready for it; or what is missing for that."""
    from cafe.local.engine import NoEngine
    from cafe.local.layout import checkout
    from cafe.sending.stage_runs import prepare_containers

    try:
        prepare_containers(environment)
    except NoEngine as missing:
        remark(f"{stage} cannot run in a container here. {missing}", "dim")
    else:
        remark(f"To run {stage} in a container, save the event as event.json, and type:", "dim")
        remark(f"  {typed_command(stage, checkout())}")
