"""The messages of the two hops: their shapes, their limits, and their JSON. Pure; makes no AWS calls.

A message is a pointer: which version of which file, which part of it, what was counted. The rows themselves are
objects in the staging bucket, whose keys follow from the message (`shared.object_keys`). A message carries the rows of
a small file itself: most files are small, and each object costs requests.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.errors import TerminalError
from shared.personal_text import mask_key

CONTRACT_VERSION = 3
# A consumer reads its own version and the one before, so that a rolling deploy loses nothing.
READABLE_VERSIONS = (CONTRACT_VERSION, CONTRACT_VERSION - 1)
ROWS_PER_PART = 100_000
# Parts that were cut by another rule, or written under another contract, must never be combined with these. Nor those
# that were read by other code, dialects or settings, or under another register of cafés: extract adds both revisions.
PLAN_ID = f"v{CONTRACT_VERSION}-r{ROWS_PER_PART}"
# Parts of a file may still be in the queues after the file was deleted. Its absence has a plan of its own, so that it
# never mixes with them. The name sorts before all others, so any real plan wins.
GONE_PLAN_ID = "gone"
# A part that transform cannot read ends its file under this plan, so that no other part is waited for. The file may
# still be loaded: any other plan wins.
FAILED_PLAN_ID = "failed"
# A file that extract refuses has a plan of its own too: parts of it may have been sent before the fault was found.
REJECTED_PLAN_ID = "rejected"
MAX_MESSAGE_BYTES = 2304
# SQS bills a request for each 64 KiB, and ten such messages are within the 1 MiB that one request may have.
MAX_CARRIED_CHARACTERS = 60_000
# The fields that carry rows. A message that carries none lacks them.
CARRYING_FIELDS = ("carried", "tables")
NO_TABLES: Mapping[str, str] = MappingProxyType({})
# The bytes that a message has left for the source's key when every other field has its maximum length. S3 allows 1,024.
MAX_KEY_JSON_BYTES = 1100
MAX_DETAIL_CHARACTERS = 200
MAX_DIALECT_CHARACTERS = 64
MAX_SENT_BY_CHARACTERS = 100
# Characters that no message can carry: controls, surrogates, non-characters.
_UNSENDABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNUSUAL_IN_PRINCIPAL = re.compile(r"[^A-Za-z0-9:_.=,+/-]")
_ESCAPED = str.maketrans({'"': "?", "\\": "?"})


class UnreadableMessage(TerminalError):
    """A message that this version of the stage cannot read. It stays in the queue, then in the dead-letter queue."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"unreadable message: {problem}. Deploy a stage that can read it, then redrive the queue.")


class Outcome(StrEnum):
    """What extract found a file to be, or that transform failed on it.

    A file that is HELD was read like any other, but load waits for a person before it loads the rows.
    """

    READ = "read"
    HELD = "held"
    EMPTY = "empty"
    REJECTED = "rejected"
    FAILED = "failed"


class SourceFile(NamedTuple):
    """One version of one object in the drop bucket. ``last_modified`` is S3's, in ISO 8601, UTC.

    ``version_order`` sorts the versions of one key, as text, from the oldest to the newest (see `version_order_of`).
    ``sent_by`` is the principal that S3 names as the sender, or "" if it is not known.
    """

    file_id: str
    bucket: str
    key: str
    version_id: str
    last_modified: str
    version_order: str
    size_bytes: int
    sent_by: str


class LineCounts(NamedTuple):
    """A file's physical lines, each counted once: ``total`` is counted from the bytes, the others by the reader."""

    total: int
    orders: int
    continuations: int
    headers: int
    blanks: int
    rejected: int

    @property
    def accounted(self) -> int:
        """The lines of all kinds. If they differ from ``total``, lines were lost."""
        return self.orders + self.continuations + self.headers + self.blanks + self.rejected


class FileSummary(NamedTuple):
    """What extract found in a whole file: the message of the file's last part carries it.

    ``unfinished`` is true in a message that was sent before the whole file was read. Of such a summary, only ``source``
    and ``plan_id`` count. ``parts`` is 0 then.

    ``rows`` counts orders as the branch wrote them, good and bad; ``rejects`` counts those that extract refused. A file
    has at least one part, so that an empty or rejected file reaches the ledger too. ``reason`` and ``detail`` are ""
    unless the file was rejected whole or is held. ``discounts`` counts the orders that state one.
    """

    source: SourceFile
    plan_id: str
    parts: int
    outcome: Outcome
    reason: str
    detail: str
    dialect: str
    lines: LineCounts
    rows: int
    rejects: int
    discounts: int = 0
    unfinished: bool = False


class ExtractedPart(NamedTuple):
    """Extract's message that a part of a file is ready: ``rows`` canonical rows under `extracted_rows_key`.

    ``carried`` is that object's content, if the message carries it too (see `shared.carried_rows`), or "".
    """

    version: int
    file: FileSummary
    part: int
    rows: int
    carried: str = ""

    def without_rows(self) -> "ExtractedPart":
        """Return the same message as a pointer."""
        return self._replace(carried="")


class TransformedPart(NamedTuple):
    """Transform's message that a part is ready to be copied.

    ``orders`` + ``rejects`` = the part's rows. ``pence`` is the sum of the accepted orders' totals. ``discounts``
    counts the accepted orders that have one. ``tables`` has the rows if the message carries them, by the table's name
    (see `shared.carried_rows`). If not, they are under `transformed_key`.
    """

    version: int
    file: FileSummary
    part: int
    orders: int
    items: int
    rejects: int
    pence: int
    discounts: int = 0
    tables: Mapping[str, str] = NO_TABLES

    def without_rows(self) -> "TransformedPart":
        """Return the same message as a pointer."""
        return self._replace(tables=NO_TABLES)


# The log, the objects and the messages of a file ask for it.
@lru_cache(maxsize=100)
def file_id_of(bucket: str, key: str, version_id: str, re_extract: str = "") -> str:
    """Name one version of one object: the first 128 bits of SHA-256 as 32 hex digits.

    The parts are joined by NUL, which none of them can contain, so that no two versions share a name. A re-extract,
    after the rules were fixed, has ``re_extract`` in its name too: it counts as a newer version of the file. The key is
    masked, because a card number could be found again from its hash by trying all numbers.
    """
    key = mask_key(key)
    parts = (bucket, key, version_id, re_extract) if re_extract else (bucket, key, version_id)
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def recorded_key(key: str) -> str:
    """Write a key as messages, logs and the ledger may hold it.

    Card numbers, telephone numbers and e-mail addresses are masked (`shared.personal_text`), and characters that cannot
    be sent are question marks. A recorded key is returned as it is.
    """
    key = mask_key(key)
    if not _UNSENDABLE.search(key) and len(compact_json(key).encode()) <= MAX_KEY_JSON_BYTES:
        return key
    return _UNSENDABLE.sub("?", key).translate(_ESCAPED)


def recorded_sender(principal: str) -> str:
    """Write the principal that S3 names as messages and the ledger can hold it.

    The name of a session, which follows the id of a role, may be a person's e-mail address: that is left out.
    """
    if "@" in principal:
        principal = ":".join(part for part in principal.split(":") if "@" not in part)
    return _UNUSUAL_IN_PRINCIPAL.sub("?", principal)[:MAX_SENT_BY_CHARACTERS]


def version_order_of(last_modified: str, earlier_in_second: int = 0, re_extract: str = "") -> str:
    """Write what sorts the versions of one key: when S3 wrote it, its place in that second, its re-extract.

    LastModified has whole seconds. ``earlier_in_second`` counts the key's earlier versions of the same second.
    """
    return f"{last_modified} {earlier_in_second:04d} {re_extract}".rstrip()


def encode(message: ExtractedPart | TransformedPart) -> str:
    """Write a message as compact JSON of at most MAX_MESSAGE_BYTES, besides the rows that it carries."""
    file = message.file
    nested = {"source": file.source._asdict(), "lines": file.lines._asdict()}
    body = message._asdict() | {"file": file._asdict() | nested}
    rows = {name: carried for name in CARRYING_FIELDS if (carried := body.pop(name, None))}
    for part in (body, body["file"]):
        # A stage that does not know such a field reads messages without it, and leaves the others in the queue for a
        # newer one.
        for name in ("discounts", "unfinished"):
            if not part.get(name):
                part.pop(name, None)
    text = compact_json(body)
    if len(text.encode()) > MAX_MESSAGE_BYTES:
        raise UnreadableMessage(f"it would be longer than {MAX_MESSAGE_BYTES} bytes")
    return compact_json(body | rows) if rows else text


def compact_json(value: object) -> str:
    """Write a value as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode_extracted_part(text: str) -> ExtractedPart:
    """Read what extract sent. Raises UnreadableMessage, naming the field at fault."""
    return ExtractedPart(**_part_record(ExtractedPart, text))


def decode_transformed_part(text: str) -> TransformedPart:
    """Read what transform sent. Raises UnreadableMessage, naming the field at fault."""
    return TransformedPart(**_part_record(TransformedPart, text))


def _part_record(shape: type[Any], text: str) -> dict[str, Any]:
    """Read a message's fields, and convert those of an older version."""
    body = _body(text)
    record = _record(shape, body)
    return record | {"version": CONTRACT_VERSION, "file": _file_summary(record["file"], body["version"])}


def _body(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise UnreadableMessage("it is not JSON") from error
    version = body.get("version") if isinstance(body, dict) else None
    if version not in READABLE_VERSIONS:
        raise UnreadableMessage(f"contract version {version!r:.20} is not one of {READABLE_VERSIONS}")
    return dict(body)


def _file_summary(value: object, version: int) -> FileSummary:
    record = _record(FileSummary, value)
    nested = {
        "source": _source_file(record["source"], version),
        "lines": LineCounts(**_record(LineCounts, record["lines"])),
        "outcome": Outcome(record["outcome"]),
    }
    return FileSummary(**record | nested)


def _source_file(value: object, version: int) -> SourceFile:
    if version == 2 and isinstance(value, dict):
        # Version 2 did not say who sent a file.
        value = {"sent_by": "", **value}
    return SourceFile(**_record(SourceFile, value))


def _record(shape: type[Any], value: object) -> dict[str, Any]:
    """Check that a JSON object has the fields of a record, each of its plain type. One with a default may lack."""
    if not isinstance(value, dict):
        raise UnreadableMessage(f"{shape.__name__} is not an object")
    expected = shape.__annotations__
    if not expected.keys() - shape._field_defaults.keys() <= value.keys() <= expected.keys():
        raise UnreadableMessage(f"{shape.__name__} has other fields than {', '.join(expected)}")
    for name in value:
        kind = expected[name]
        if kind in (int, str, bool) and type(value[name]) is not kind:
            raise UnreadableMessage(f"{shape.__name__}.{name} is not {kind.__name__}")
        if name == "tables" and not _is_texts(value[name]):
            raise UnreadableMessage(f"{shape.__name__}.tables is no object of texts")
        if kind is Outcome and value[name] not in tuple(Outcome):
            raise UnreadableMessage(f"{shape.__name__}.{name} is no outcome")
    return value


def _is_texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
