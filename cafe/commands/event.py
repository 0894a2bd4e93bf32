"""`cafe event`: drop a file, and print the event with which AWS calls a stage for it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cafe.deployed.environment import open_environment
from cafe.terminal.options import EXIT_OK, EnvironmentOption, StageName, help_text
from cafe.terminal.presentation import remark, show_log

HELP = help_text(
    """
    Drop a branch file and print the event with which Lambda calls a stage for it.

    Only the event is written to standard output. It is an SQS batch; for extract, a batch of one message with S3's
    notification of the dropped version. Pass it to [bold]sam local invoke[/], which needs a container engine, or to
    [bold]cafe invoke[/], which does not.

    For transform and load, the stages before run here, as with `cafe invoke`. Like any drop, the file also goes
    through the deployed pipeline.
    """,
    examples={
        "cafe event chesterfield.csv | sam local invoke ExtractFunction -e -": "run extract in a container on it",
        "cafe event chesterfield.csv --stage load > event.json": "keep the event for load",
        "cafe invoke load event.json": "run load with it, as often as you like",
    },
    exit_codes={EXIT_OK: "the file is dropped and the event printed"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("event", help=HELP)(event)


def event(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A branch file.")],
    stage: Annotated[StageName, typer.Option(help="The stage that the event is for.")] = "extract",
    env: EnvironmentOption = "local",
) -> None:
    """Drop a file, print an event."""
    from cafe.sending.stage_runs import event_for

    environment = open_environment(env)
    answer = event_for(environment, stage, file, on_run=lambda run: show_log(run.log, run.stage))
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    remark(f"dropped {file} into {environment.fact('drop/bucket/name')}", "dim")
