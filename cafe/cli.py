"""The command line `cafe`, assembled from the modules in `cafe.commands`."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from typer.core import TyperGroup
from typer.exceptions import TyperException

from cafe.commands import COMMAND_MODULES
from cafe.errors import CafeError, explain_aws_error
from cafe.local.layout import MAIN, WORKSPACE_VARIABLE, using
from cafe.terminal.envelope import Misused, forget_json, remember_misused_command
from cafe.terminal.options import EXIT_ERROR
from cafe.terminal.presentation import show_error, write_exactly, write_json_error
from shared.visible_text import escape_lines

ARGUMENTS = "cafe.arguments"


class CafeGroup(TyperGroup):
    """The commands; expected errors are turned into a message, a remedy and an exit code here."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep all arguments: a command that cannot parse its own has not read its --json yet."""
        forget_json()
        ctx.meta[ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command. Show expected errors without a traceback, and as JSON too if --json was given."""
        try:
            return super().invoke(ctx)
        except CafeError as error:
            show_error(error)
        except (BotoCoreError, ClientError) as error:
            show_error(explain_aws_error(error))
        except TyperException as error:
            # Typer shows it, and quotes what was typed, such as the name of a file that a shell put there.
            error.message = escape_lines(error.message)
            remember_misused_command(error, ctx.meta[ARGUMENTS])
            write_json_error(Misused(error.format_message()))
            raise
        raise typer.Exit(EXIT_ERROR)


app = typer.Typer(
    name="cafe",
    cls=CafeGroup,
    help="Run, feed and inspect the cafés' sales pipeline: on this machine, or on AWS with [bold]--env dev[/].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_version(requested: bool) -> None:
    if requested:
        write_exactly(f"cafe {version('cafe-pipeline')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    workspace: Annotated[
        str | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="NAME",
            help=f"Which local stack: each workspace has its own warehouse, drop bucket and ports. The variable "
            f"{WORKSPACE_VARIABLE} names it for a whole shell.",
            show_default=MAIN,
        ),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Accept the options before a command."""
    context.with_resource(using(workspace))


for module in COMMAND_MODULES:
    module.register(app)


def main() -> None:
    """Run the command line; the entry point `cafe`."""
    app()
