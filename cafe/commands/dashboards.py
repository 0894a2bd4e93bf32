"""`cafe dashboards`: the boards, without a Grafana server and on one."""

import typer

from cafe.commands import dashboards_check, dashboards_preview, dashboards_publish, dashboards_screenshots
from cafe.terminal.options import BAD_NEWS, SUCCESS, teach

SUBCOMMAND_MODULES = (dashboards_preview, dashboards_screenshots, dashboards_publish, dashboards_check)

HELP = teach(
    """
    The boards of Grafana: look at them here, bring them to a Grafana host, and check one.
    """,
    examples={
        "cafe dashboards preview": "look at them here, without a Grafana",
        "cafe dashboards publish --env dev": "bring the committed boards to the host",
        "cafe dashboards check --url http://localhost:3000": "is all as it should be there?",
    },
    exit_codes={SUCCESS: "done", BAD_NEWS: "bad news, as each command says"},
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    dashboards = typer.Typer(name="dashboards", help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    for module in SUBCOMMAND_MODULES:
        module.register(dashboards)
    app.add_typer(dashboards)
