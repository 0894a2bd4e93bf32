"""`cafe dashboards check`: compare a running Grafana with what is committed, and run its queries."""

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
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, JsonOption, help_text
from cafe.terminal.presentation import ask_secret, out, plain, remark, table, working

TOKEN_VARIABLE, USER_VARIABLE, PASSWORD_VARIABLE = "GRAFANA_TOKEN", "GRAFANA_USER", "GRAFANA_PASSWORD"
VERSIONS = FOLDER.parent / "host" / "versions.env"
USUAL_TIMEOUT_SECONDS = 120.0

HELP = help_text(
    f"""
    Check a running Grafana. Do this first after a deploy, because Grafana cannot run on this machine.

    It checks Grafana's health and version, the versions of the plugins, every data source, and that every dashboard is
    there and equals the committed one. It runs the query of every variable and every panel, as a browser would, which
    wakes the warehouse.

    The password of admin comes from the variable {PASSWORD_VARIABLE} (set {USER_VARIABLE} for another user), the token
    of a service account from {TOKEN_VARIABLE}. If neither is set, you are prompted for the password. It is sent only
    to this machine or over HTTPS.
    """,
    examples={
        "cafe dashboards check --url http://localhost:3000": "through a port that Session Manager forwards",
        "cafe dashboards check --url https://dashboards.example.com --json": "through the load balancer, for a script",
    },
    exit_codes={EXIT_OK: "everything is as committed and has data", EXIT_UNHEALTHY: "something is not"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", help=HELP)(check_command)


def check_command(
    url: Annotated[str, typer.Option("--url", help="The address of Grafana.", show_default=False)],
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that a query may take. A paused warehouse takes some to wake.")
    ] = USUAL_TIMEOUT_SECONDS,
    as_json: JsonOption = False,
) -> None:
    """Check a running Grafana."""
    root = checkout().root
    boards = read_boards(root / FOLDER)
    versions = read_versions((root / VERSIONS).read_text(encoding="utf-8"))
    server = GrafanaServer(url, _authorization())
    # All queries together may take minutes, so each finding is shown as it comes.
    findings = list(_with_progress(check_everything(QueryRunner(server, timeout), boards, versions)))
    if as_json:
        write_json({"findings": [asdict(finding) for finding in findings]})
    else:
        _show(findings)
    raise typer.Exit(EXIT_OK if all(finding.is_well for finding in findings) else EXIT_UNHEALTHY)


def _authorization() -> str:
    """Return the credentials. A password is never an argument, because process lists would show it."""
    if token := os.environ.get(TOKEN_VARIABLE):
        return bearer(token)
    user = os.environ.get(USER_VARIABLE, "admin")
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and not sys.stdin.isatty():
        raise CafeError(
            "There is no password for Grafana.",
            f"Set {PASSWORD_VARIABLE} or {TOKEN_VARIABLE}. `cafe dashboards publish` shows how to read it.",
        )
    if password is None:
        password = ask_secret(f"Password of Grafana's user {user}")
    return basic(user, password)


def _with_progress(findings: Iterator[Finding]) -> Iterator[Finding]:
    with working("checking Grafana …") as status:
        for finding in findings:
            status.update(plain(f"{finding.kind} {finding.name}: {finding.detail}"))
            yield finding


def _show(findings: list[Finding]) -> None:
    grid = table("", "what", "which", "seconds", "found", right=["seconds"], prose=["which", "found"])
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
