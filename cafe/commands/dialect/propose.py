"""`cafe dialect propose`: draft the document of a dialect for a file that no dialect reads."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cafe.answers.drafting.draft import SOURCE
from cafe.answers.drafting.proposal import LINES_LOOKED_AT, Proposal, propose
from cafe.answers.local_files import first_lines, try_upload
from cafe.answers.trial import Trial
from cafe.answers.wording import counted, typed
from cafe.errors import CafeError, Misused
from cafe.sending.uploads import Upload, plan_drop
from cafe.terminal.documents import write_json, write_text
from cafe.terminal.options import EXIT_OK, EXIT_UNHEALTHY, JsonOption, help_text
from cafe.terminal.presentation import remark
from extract.dialects.catalogue import shipped
from extract.rules import FileReason
from shared.personal_text import mask_key

# A file with one of these reasons may be in a dialect that is not known yet.
UNKNOWN = (FileReason.UNKNOWN_DIALECT, FileReason.FEW_ORDERS, FileReason.NOT_UTF8)

HELP = help_text(
    """
    Draft the document of a dialect for a file that no dialect reads, and write it to standard output.

    The draft guesses the separator, the encoding, the decimal mark, the order of day and month, and what each column
    is. Comments give the reasons, and [bold]# QUESTION[/] asks what the file does not show. Columns that may be of a
    person are [bold]personal[/]: they are never read. No cell of such a column gets into the draft; its example is
    made up.

    Answer the questions in the draft, try the file with it, and move it to src/extract/dialects.
    """,
    examples={
        "cafe dialect propose export.csv > new.toml": "a draft",
        "cafe dialect try export.csv --dialect new.toml --rows": "what would become of the file with it",
        "cafe dialect propose export.csv --json": "the draft, the guesses and the questions, for a script",
    },
    exit_codes={EXIT_OK: "a draft was written", EXIT_UNHEALTHY: "a dialect reads the file already"},
)


def register(dialect: typer.Typer) -> None:
    """Add the command."""
    dialect.command("propose", help=HELP)(propose_command)


def propose_command(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A file that no dialect reads.")],
    as_json: JsonOption = False,
) -> None:
    """Draft a document."""
    if path.is_dir():
        raise Misused(f"{path} is a folder.", "Name one file.")
    (upload,) = plan_drop([path]).uploads
    trial = try_upload(upload, datetime.now(UTC), shipped())
    if trial.orders:
        _say_which_reads_it(upload, trial, as_json=as_json)
        raise typer.Exit(EXIT_UNHEALTHY)
    if trial.reason and trial.reason not in UNKNOWN:
        raise CafeError(f"{path} would be rejected as {trial.reason}, whatever its dialect.", trial.remedy)
    proposal = propose(first_lines(path, LINES_LOOKED_AT), shipped())
    if proposal is None:
        raise CafeError(
            f"There is nothing to guess from in {path}: no row has three cells or more.",
            "Name an export with its orders, as CSV or as text with semicolons, tabs or vertical bars.",
        )
    if as_json:
        write_json(_to_json(upload.path, "", proposal))
        return
    write_text(proposal.text)
    _say_what_to_do(path, proposal)


def _say_which_reads_it(upload: Upload, trial: Trial, *, as_json: bool) -> None:
    if as_json:
        write_json(_to_json(upload.path, trial.dialect, None))
    command = f"cafe dialect try {typed(mask_key(str(upload.path)))}"
    read = f"{trial.dialect} reads {trial.orders:,} of its {counted(trial.rows, 'order')}"
    remark(f"The file needs no new dialect: {read}. For more: {command}")


def _say_what_to_do(path: Path, proposal: Proposal) -> None:
    state = "The draft is valid" if proposal.is_valid else "The draft is not valid yet"
    asked = counted(len(proposal.questions), "question")
    remark(f"{state}, and asks {asked}. Save it as {SOURCE}, answer, then type:", "dim")
    remark(f"  cafe dialect try {typed(mask_key(str(path)))} --dialect {SOURCE} --rows", "dim")


def _to_json(path: Path, read_by: str, proposal: Proposal | None) -> dict[str, object]:
    return {
        "path": mask_key(str(path)),
        "read_by": read_by,
        "draft": proposal.text if proposal else "",
        "is_valid": bool(proposal and proposal.is_valid),
        "columns": [asdict(column) for column in proposal.columns] if proposal else [],
        "questions": list(proposal.questions) if proposal else [],
    }
