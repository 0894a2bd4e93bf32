"""`cafe morning`: how did yesterday go, and what is to be done? The text of the morning mail."""

import typer

from cafe.deployed.environment import LOCAL, open_environment
from cafe.deployed.load_function import invoke_load
from cafe.terminal.documents import write_json
from cafe.terminal.options import EXIT_OK, EnvironmentOption, JsonOption, help_text
from cafe.terminal.presentation import out, plain

HELP = help_text(
    """
    Print the morning mail of now: how yesterday went, and what is to be done.

    It says which cafés are in and which are missing; what they took, compared with the same weekday of the last four
    weeks; the best and the worst; what was refused in the last 24 hours; and whether a check of the warehouse found
    mistakes. Load writes it, so this is the text that the morning mail has. Nothing is sent.

    On AWS, this wakes the warehouse, and at least one minute is billed. Who gets the mail each morning is set by the
    stack's parameters [bold]MorningMail1[/] to [bold]MorningMail3[/].
    """,
    examples={
        "cafe morning": "the mail, in the terminal",
        "cafe morning --env prod --json": "the mail and its figures, for a script; amounts in pence",
    },
    exit_codes={EXIT_OK: "the mail was written, whatever it says"},
)

FIELDS = ("subject", "text", "day", "faults", "cafes", "files", "rows")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("morning", help=HELP)(morning)


def morning(as_json: JsonOption = False, env: EnvironmentOption = "local") -> None:
    """Let load write the morning mail, and show it."""
    environment = open_environment(env)
    options = "" if environment.name == LOCAL else f"--env {environment.name}"
    mail = invoke_load(environment, "report", {"options": options})
    if as_json:
        write_json({name: mail[name] for name in FIELDS})
    else:
        for line in mail["text"].rstrip("\n").split("\n"):
            out().print(plain(line), soft_wrap=True)
