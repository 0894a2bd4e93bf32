"""`cafe event`: drop a file, and print the event that AWS hands to a stage for it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cafe.deployed.environment import open_environment
from cafe.terminal.options import SUCCESS, EnvironmentOption, StageName, teach
from cafe.terminal.presentation import remark, show_log

HELP = teach(
    """
    Drop a branch file and print the event that Lambda hands to a stage for it.

    The event is the only thing on standard output: an SQS batch; for extract, of one message with S3's notification
    of the version just dropped. Give it to [bold]sam local invoke[/] (which needs a container engine), or to
    [bold]cafe invoke[/] (which needs none).

    For transform and load, the stages before are run here, as `cafe invoke` does. The drop itself also goes through
    the deployed pipeline, as any does.
    """,
    examples={
        "cafe event chesterfield.csv | sam local invoke ExtractFunction -e -": "extract in a container, on this file",
        "cafe event chesterfield.csv --stage load > event.json": "what load is called with, to keep",
        "cafe invoke load event.json": "and to run, as often as you like",
    },
    exit_codes={SUCCESS: "dropped, and the event printed"},
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
