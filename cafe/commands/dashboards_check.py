"""`cafe dashboards check`: is a running Grafana what is committed, and does it get its answers?"""

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from cafe.dashboards.boards import FOLDER, read_boards
from cafe.dashboards.remote.check import Finding, check_everything, read_versions
from cafe.dashboards.remote.queries import QueryRunner
from cafe.dashboards.remote.server import GrafanaServer, basic, bearer
from cafe.errors import CafeError
from cafe.local.layout import checkout
from cafe.terminal.options import BAD_NEWS, SUCCESS, JsonOption, teach
from cafe.terminal.presentation import err, out, plain, remark, table, write_json

TOKEN_VARIABLE, USER_VARIABLE, PASSWORD_VARIABLE = "GRAFANA_TOKEN", "GRAFANA_USER", "GRAFANA_PASSWORD"
VERSIONS = FOLDER.parent / "host" / "versions.env"
USUAL_TIMEOUT_SECONDS = 120.0

HELP = teach(
    f"""
    Check a running Grafana: the first thing to do after a deploy, because nothing here can run one.

    It looks at Grafana's health and version, the plugins' versions, every data source, every dashboard (is it there,
    and as committed?), and asks the query of every variable and every panel, as a browser would. That wakes the
    warehouse.

    The password of admin comes from the variable {PASSWORD_VARIABLE} (and {USER_VARIABLE}, for another user), a
    service account's token from {TOKEN_VARIABLE}; without either it is asked for. It is sent to this machine or over
    HTTPS only.
    """,
    examples={
        "cafe dashboards check --url http://localhost:3000": "through a port that Session Manager forwards",
        "cafe dashboards check --url https://dashboards.example.com --json": "through the load balancer, for a script",
    },
    exit_codes={SUCCESS: "all is as committed, and answers", BAD_NEWS: "something is not"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", help=HELP)(check_command)


def check_command(
    url: Annotated[str, typer.Option("--url", help="Where Grafana answers.", show_default=False)],
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that a query may take; a sleeping warehouse needs some to wake.")
    ] = USUAL_TIMEOUT_SECONDS,
    as_json: JsonOption = False,
) -> None:
    """Check it."""
    root = checkout().root
    boards = read_boards(root / FOLDER)
    versions = read_versions((root / VERSIONS).read_text(encoding="utf-8"))
    server = GrafanaServer(url, _authorization())
    # Answers come one by one, and may take minutes in all: each is told on the way.
    findings = list(_with_progress(check_everything(QueryRunner(server, timeout), boards, versions)))
    if as_json:
        write_json([asdict(finding) for finding in findings])
    else:
        _show(findings)
    raise typer.Exit(SUCCESS if all(finding.is_well for finding in findings) else BAD_NEWS)


def _authorization() -> str:
    """Find who asks; a password never stands on the command line, where every process list shows it."""
    if token := os.environ.get(TOKEN_VARIABLE):
        return bearer(token)
    user = os.environ.get(USER_VARIABLE, "admin")
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and not sys.stdin.isatty():
        raise CafeError(
            "There is no password to ask Grafana with.",
            f"Set {PASSWORD_VARIABLE}, or {TOKEN_VARIABLE}. `cafe dashboards publish` says how to read admin's.",
        )
    if password is None:
        password = str(typer.prompt(f"Grafana's password of {user}", hide_input=True, err=True))
    return basic(user, password)


def _with_progress(findings: Iterator[Finding]) -> Iterator[Finding]:
    console = err()
    with console.status("asking Grafana …") as status:
        for finding in findings:
            status.update(plain(f"{finding.kind} {finding.name}: {finding.detail}"))
            yield finding


def _show(findings: list[Finding]) -> None:
    grid = table("", "what", "which", "seconds", "found", right=["seconds"])
    for finding in findings:
        grid.add_row(
            plain("✓" if finding.is_well else "✗", "green" if finding.is_well else "bold red"),
            finding.kind,
            plain(finding.name),
            f"{finding.seconds:.1f}" if finding.seconds else "",
            plain(finding.detail, "" if finding.is_well else "bold red"),
        )
    out().print(grid)
    faults = sum(not finding.is_well for finding in findings)
    if faults:
        remark(f"{faults} of {len(findings)} are not as they should be.", "bold red")
    else:
        remark(f"All {len(findings)} are as they should be.", "green")
