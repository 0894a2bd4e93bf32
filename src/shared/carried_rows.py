"""The rows of a small part inside its message: gzip members, in base64. Pure."""

import gzip
import zlib
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping

from shared.contracts import MAX_CARRIED_CHARACTERS
from shared.errors import TerminalError


class UnreadableRows(TerminalError):
    """A message carries something that is no rows."""

    def __init__(self) -> None:
        super().__init__("a message carries rows that cannot be read. Replay the branch file.")


def carried(members: Mapping[str, bytes]) -> dict[str, str]:
    """Write gzip members, by their names, as a message can carry them; give none if they are too large for one."""
    # Base64 writes each three bytes as four characters.
    characters = sum(4 * -(-len(member) // 3) for member in members.values())
    if characters > MAX_CARRIED_CHARACTERS:
        return {}
    return {name: b64encode(member).decode() for name, member in members.items()}


def member_of(text: str) -> bytes:
    """Read what a message carries as a gzip member. Raises UnreadableRows."""
    try:
        return b64decode(text, validate=True)
    except Error as error:
        raise UnreadableRows from error


def rows_of(text: str) -> bytes:
    """Read the lines that a message carries. Raises UnreadableRows."""
    try:
        return gzip.decompress(member_of(text))
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableRows from error
