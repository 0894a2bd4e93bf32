"""Read the files of this machine that a trial needs: branch files, and the document of a new dialect."""

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from cafe.answers.dialects import DocumentError, added_to, example_fault, read_new
from cafe.answers.trial import CHUNK_BYTES, Trial, try_file
from cafe.errors import CafeError
from cafe.sending.uploads import Upload
from extract.dialects.catalogue import Catalogue, shipped
from extract.lines import LineReader
from extract.rules import Rule, UnreadableBranchFile


def with_document(path: Path) -> Catalogue:
    """Add the document in a file to those of the product. Raises CafeError if the product would not take it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CafeError(f"{path} cannot be read: {error.strerror}.", "Check the path of the document.") from error
    except UnicodeDecodeError as error:
        raise CafeError(f"{path} is not UTF-8, so it is no document of a dialect.", "Save it as UTF-8.") from error
    document = read_new(text, path.name)
    catalogue = added_to(shipped(), document)
    if fault := example_fault(document, catalogue):
        if Rule.FOREIGN_BRANCH in fault.read:
            remedy = "The key of the example names another café than its rows. Delete the key, or change it."
        elif fault.read:
            remedy = "If these are right, copy them into the example. If not, change what the document says."
        else:
            remedy = "Change the example, or what the document says of its columns."
        raise DocumentError(f"{path.name}: {fault.problem}.", remedy, output=fault.read)
    return catalogue


def try_upload(upload: Upload, now: datetime, catalogue: Catalogue, *, with_rows: bool = False) -> Trial:
    """Try one file on this machine. Raises CafeError if it cannot be read."""
    try:
        with upload.path.open("rb"):
            pass
        return try_file(
            upload.key, upload.size_bytes, lambda: chunks_of(upload.path), now, catalogue, with_rows=with_rows
        )
    except OSError as error:
        raise CafeError(f"{upload.path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def chunks_of(path: Path) -> Generator[bytes]:
    """Read a file piece by piece."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def first_lines(path: Path, most: int) -> Sequence[str]:
    """Read the first lines of a file as extract does, ``most`` or a few more. Raises CafeError if it is no text."""
    lines: list[str] = []
    try:
        with closing(chunks_of(path)) as chunks:
            for block in LineReader().blocks(chunks):
                lines += block.lines
                if len(lines) >= most:
                    break
    except UnreadableBranchFile as error:
        raise CafeError(f"{path} is no text: {error}.", "Name an export as CSV or text.") from error
    return lines
