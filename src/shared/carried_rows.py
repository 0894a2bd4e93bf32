"""The rows of a small part inside its message: gzip, in base64. Pure."""

import zlib
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping

from shared.contracts import MAX_CARRIED_CHARACTERS
from shared.errors import TerminalError

GZIP_WINDOW_BITS = 31


class UnreadableRows(TerminalError):
    """A message carries something that is no rows."""

    def __init__(self) -> None:
        super().__init__("a message carries rows that cannot be read. Replay the branch file.")


def carried(tables: Mapping[str, bytes]) -> dict[str, str]:
    """Write tables, each a gzip member, as a message can carry them; give none if they are too many for one."""
    texts = {name: b64encode(member).decode() for name, member in tables.items()}
    return texts if sum(map(len, texts.values())) <= MAX_CARRIED_CHARACTERS else {}


def member_of(text: str) -> bytes:
    """Read a carried table as a gzip member. Raises UnreadableRows."""
    try:
        return b64decode(text, validate=True)
    except Error as error:
        raise UnreadableRows from error


def rows_of(text: str) -> bytes:
    """Read the lines of a carried table. Raises UnreadableRows."""
    try:
        return zlib.decompress(member_of(text), GZIP_WINDOW_BITS)
    except zlib.error as error:
        raise UnreadableRows from error
