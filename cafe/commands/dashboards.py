"""`cafe dashboards`: the boards, without a Grafana server and on one."""

import typer

from cafe.commands import dashboards_preview, dashboards_screenshots

HELP = "The boards of Grafana: look at them here, bring them to a Grafana host, and check one."
SUBCOMMAND_MODULES = (dashboards_preview, dashboards_screenshots)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    dashboards = typer.Typer(name="dashboards", help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    for module in SUBCOMMAND_MODULES:
        module.register(dashboards)
    app.add_typer(dashboards)
