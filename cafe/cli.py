"""The command line `cafe`: assemble its commands. Each module in `cafe.commands` registers its own."""

import typer

from cafe.commands import COMMAND_MODULES

app = typer.Typer(
    name="cafe",
    help="Run, feed and question the cafés' sales pipeline: on this machine, or on AWS with --env.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for module in COMMAND_MODULES:
    module.register(app)


def main() -> None:
    """Run the command line; the entry point `cafe`."""
    app()
