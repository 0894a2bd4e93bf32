"""`cafe dashboards`: look at the dashboards without a Grafana server, publish them to one, and check one."""

import typer

from cafe.commands.dashboards import check, preview, publish, screenshots
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, help_text

SUBCOMMAND_MODULES = (preview, screenshots, publish, check)

HELP = help_text(
    """
    Look at the Grafana dashboards here, publish them to a Grafana host, and check that host.
    """,
    examples={
        "cafe dashboards preview": "look at them here, without a Grafana server",
        "cafe dashboards publish --env dev": "bring the committed dashboards to the host",
        "cafe dashboards check --url http://localhost:3000": "check that the host shows them, with data",
    },
    exit_codes={EXIT_OK: "done", EXIT_UNHEALTHY: "something is wrong; each command's help says what"},
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    dashboards = typer.Typer(name="dashboards", help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    for module in SUBCOMMAND_MODULES:
        module.register(dashboards)
    app.add_typer(dashboards)
