"""`cafe dialect`: the dialects that are read, and a draft of a document for a file that none of them reads."""

import typer

from cafe.commands import try_files
from cafe.commands.dialect import listing, propose
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, help_text

HELP = help_text(
    """
    Show the dialects of branch files, and add one. A dialect is one way in which a till or a program writes its file.

    Each dialect is one document in src/extract/dialects, a text file in TOML. A new one needs no Python:
    [bold]propose[/] drafts it from a file, [bold]try[/] shows what would become of the file, and docs/dialects.md has a
    worked example. Nothing here needs a stack or the network.
    """,
    examples={
        "cafe dialect list": "the dialects, and how each is recognised",
        "cafe dialect show feed-b": "a document, as it is",
        "cafe dialect propose export.csv > new.toml": "a draft for a file that no dialect reads",
        "cafe dialect try export.csv --dialect new.toml --rows": "what would become of the file with the draft",
    },
    exit_codes={EXIT_OK: "done", EXIT_UNHEALTHY: "there is something to do; each command's help says what"},
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    dialect = typer.Typer(name="dialect", help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    listing.register(dialect)
    try_files.register(dialect, "cafe dialect try")
    propose.register(dialect)
    app.add_typer(dialect)
