"""The command line `cafe`: assemble its commands. Each module in `cafe.commands` registers its own."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from typer.core import TyperGroup

from cafe.commands import COMMAND_MODULES
from cafe.errors import CafeError, explain_aws_error
from cafe.terminal.options import COULD_NOT
from cafe.terminal.presentation import show_error


class CafeGroup(TyperGroup):
    """The commands, with one place in which expected errors become a sentence, a remedy and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what it could not do is told without a traceback."""
        try:
            return super().invoke(ctx)
        except CafeError as error:
            show_error(error)
        except (BotoCoreError, ClientError) as error:
            show_error(explain_aws_error(error))
        raise typer.Exit(COULD_NOT)


app = typer.Typer(
    name="cafe",
    cls=CafeGroup,
    help="Run, feed and question the cafés' sales pipeline: on this machine, or on AWS with [bold]--env dev[/].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cafe {version('cafe-pipeline')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that stand before a command."""


for module in COMMAND_MODULES:
    module.register(app)


def main() -> None:
    """Run the command line; the entry point `cafe`."""
    app()
