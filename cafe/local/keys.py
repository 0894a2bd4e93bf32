"""The keys of the running twin: those of its account's root user, and the token of its control ports.

They are random, and each start of the twin makes new ones. Every user of this machine can connect to the twin's ports,
so each port asks for one of them. They are in files that only the owner can read, and in the environment of processes,
which only the owner can read too. They are never in a command's arguments, which everybody can read.
"""

import json
import secrets
import string
from dataclasses import asdict, dataclass

from cafe.errors import StackNotUp
from cafe.local.layout import Layout
from cafe.local.private_files import make_private, write_private

# As AWS's: AKIA and 16 signs of base 32.
ID_PREFIX = "AKIA"
ID_SIGNS = string.ascii_uppercase + "234567"
ID_LENGTH = 16
SECRET_BYTES = 30  # 40 signs, as AWS's
TOKEN_BYTES = 32


@dataclass(frozen=True)
class RootKeys:
    """The keys of the account's root user, whom IAM does not restrict. The functions get those of their roles."""

    access_key_id: str
    secret_access_key: str


def make(layout: Layout) -> RootKeys:
    """Make new keys and a new token, and keep them in the run folder, with which they go."""
    keys = RootKeys(
        ID_PREFIX + "".join(secrets.choice(ID_SIGNS) for _ in range(ID_LENGTH)), secrets.token_urlsafe(SECRET_BYTES)
    )
    make_private(layout.run)
    write_private(layout.root_keys, json.dumps(asdict(keys)))
    write_private(layout.control_token, secrets.token_urlsafe(TOKEN_BYTES))
    return keys


def read(layout: Layout) -> RootKeys:
    """Read the keys of the twin that is up. Raises StackNotUp if none is."""
    try:
        return RootKeys(**json.loads(layout.root_keys.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise StackNotUp(layout.workspace) from None


def read_token(layout: Layout) -> str:
    """Read the token of the control ports."""
    return layout.control_token.read_text(encoding="utf-8")
