"""`cafe event`: drop a file, and print the event that AWS hands to extract for it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cafe.arrivals import plan_drop, upload
from cafe.environment import open_environment
from cafe.errors import CafeError
from cafe.events import arrival_event
from cafe.options import SUCCESS, EnvironmentOption, teach
from cafe.presentation import remark

HELP = teach(
    """
    Drop one file and print the event that Lambda hands to extract for it.

    The event is the only thing on standard output: an SQS batch of one message, in it S3's notification of the
    version just dropped. Give it to [bold]sam local invoke[/] (which needs a container engine) or to
    [bold]cafe invoke[/] (which needs none). The drop itself also goes through the deployed pipeline, as any does.
    """,
    examples={
        "cafe event chesterfield.csv | sam local invoke ExtractFunction -e -": "run extract in a container on this file",
        "cafe event chesterfield.csv > event.json && cafe invoke extract event.json": "keep the event, run it again",
    },
    exit_codes={SUCCESS: "dropped, and the event printed"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("event", help=HELP)(event)


def event(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A branch file.")],
    env: EnvironmentOption = "local",
) -> None:
    """Drop a file, print its event."""
    if not file.is_file():
        raise CafeError(f"{file} is no file.")
    environment = open_environment(env)
    [arrival] = plan_drop([file]).arrivals
    dropped = upload(environment.client("s3"), environment.fact("drop/bucket/name"), arrival)
    queue = environment.fact("extract/queue/url").rsplit("/", 1)[-1]
    answer = arrival_event(dropped, queue=queue, region=environment.region, moment=datetime.now(UTC))
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    remark(f"dropped {dropped.key}, version {dropped.version_id}", "dim")
