"""`cafe doctor`: is this machine ready, and if not, what to do."""

from dataclasses import asdict

import typer
from rich.text import Text

from cafe.answers.doctor import MARKS, Finding, State, is_ready, run_checks, verdict
from cafe.answers.machine import checks
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain

STYLES = {State.OK: "green", State.WARNING: "yellow", State.PROBLEM: "bold red"}

HELP = help_text(
    """
    Look at this machine, and say what is ready, what is not, and what to do about it. It changes nothing.

    It looks at Python and the packages, make and git, ports, folders, disk, clock, locale, leftover processes, Node and
    a browser for the preview, a container engine, and where credentials for AWS would come from. It needs no stack. If
    the command line itself is damaged, it still answers, in plain text.

    A [bold]warning[/] means that a part of the project does not work, for example containers. A [bold]problem[/] means
    that the local stack or the tests do not work. AWS is called only with [bold]--env dev[/] or [bold]--env prod[/].
    """,
    examples={
        "cafe doctor": "this machine",
        "cafe doctor --env dev": "also whether AWS accepts your credentials, and dev is deployed",
        "cafe doctor --json": "the same, for a script",
    },
    exit_codes={EXIT_OK: "ready; there may be warnings", EXIT_UNHEALTHY: "there is a problem"},
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", help=HELP)(doctor)


def doctor(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Look at this machine."""
    findings = run_checks(checks(env))
    if as_json:
        write_json(
            {
                "ready": is_ready(findings),
                "verdict": verdict(findings),
                "findings": [asdict(finding) for finding in findings],
            }
        )
    else:
        for finding in findings:
            _show(finding)
        out().print(plain(verdict(findings), "bold"))
    raise typer.Exit(EXIT_OK if is_ready(findings) else EXIT_UNHEALTHY)


def _show(finding: Finding) -> None:
    console = out()
    mark = plain(f"{MARKS[finding.state]} ", STYLES[finding.state])
    console.print(Text.assemble(mark, plain(f"{finding.topic:<12}", "bold"), plain(finding.summary)), soft_wrap=True)
    if finding.remedy:
        console.print(plain(f"  {'':<12}{finding.remedy}", "cyan"), soft_wrap=True)
