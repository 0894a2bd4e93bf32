"""`cafe dialect list` and `cafe dialect show`: the dialects, and the document of one."""

from dataclasses import asdict
from typing import Annotated

import typer

from cafe.answers.dialects import document_named, listed
from cafe.answers.wording import first_names
from cafe.terminal.documents import write_json, write_text
from cafe.terminal.options import EXIT_OK, JsonOption, help_text
from cafe.terminal.presentation import out, plain, table
from extract.dialects.catalogue import shipped, text_of

WORDS_SHOWN = 4

LIST_HELP = help_text(
    """
    List the dialects: the name that the ledger shows, what shows that a row or a file is in it, and what it is.

    A dialect by [bold]cells[/] needs no header: the cells that are named can be read in a row. A dialect by
    [bold]header[/] needs a header line with its words.
    """,
    examples={"cafe dialect list": "all dialects", "cafe dialect list --json": "the same, for a script"},
    exit_codes={EXIT_OK: "the dialects were listed"},
)
SHOW_HELP = help_text(
    """
    Show the document of a dialect as it is, to copy from it. docs/dialects.md says what a document may hold.
    """,
    examples={
        "cafe dialect show feed-b": "a document",
        "cafe dialect show semicolons > new.toml": "a copy to change; give it another name",
    },
    exit_codes={EXIT_OK: "the document was shown"},
)


def register(dialect: typer.Typer) -> None:
    """Add the commands."""
    dialect.command("list", help=LIST_HELP)(list_command)
    dialect.command("show", help=SHOW_HELP)(show_command)


def list_command(as_json: JsonOption = False) -> None:
    """List the dialects."""
    dialects = [listed(document) for document in shipped().documents]
    if as_json:
        write_json({"dialects": [asdict(dialect) for dialect in dialects]})
        return
    grid = table("dialect", "recognised by", "what it is", prose=["recognised by", "what it is"])
    for dialect in dialects:
        shown_by = f"{dialect.recognised_by}: {first_names(dialect.shown_by, WORDS_SHOWN)}"
        grid.add_row(plain(dialect.name), plain(shown_by), plain(dialect.summary))
    out().print(grid)


def show_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A dialect's name, as `cafe dialect list` shows it.")],
    as_json: JsonOption = False,
) -> None:
    """Show a document."""
    document = document_named(shipped(), name)
    text = text_of(document.source)
    if as_json:
        write_json({"name": document.name, "file": document.source, "text": text})
    else:
        write_text(text)
