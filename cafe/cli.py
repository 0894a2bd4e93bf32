"""The command line `cafe`, assembled from the modules in `cafe.commands`."""

import sys
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cafe.commands import COMMAND_MODULES
from cafe.local.layout import MAIN, WORKSPACE_VARIABLE, using
from cafe.terminal.documents import write_exactly
from cafe.terminal.endings import ARGUMENTS, end_of, exit_code
from cafe.terminal.envelope import forget_json
from cafe.terminal.help_screen import help_screen


class CafeGroup(TyperGroup):
    """The commands. Their help and their errors are written like everything else, by `cafe.terminal`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep all arguments: a command that cannot parse its own has not read its --json yet."""
        forget_json()
        ctx.meta[ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command. Its errors are shown while its workspace is known, because remedies name it."""
        raise typer.Exit(exit_code(partial(super().invoke, ctx)))

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command that is typed, and exit with its code."""
        for command in every_command(self):
            command.get_help = partial(help_screen, command)
        options["standalone_mode"] = False
        sys.exit(end_of(partial(super().main, *arguments, **options)))


def every_command(group: Any) -> Iterator[Any]:
    """List a group with its commands and those of its subgroups."""
    yield group
    for command in getattr(group, "commands", {}).values():
        yield from every_command(command)


app = typer.Typer(
    name="cafe",
    cls=CafeGroup,
    help="Run, feed and inspect the cafés' sales pipeline: on this machine, or on AWS with [bold]--env dev[/].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
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
