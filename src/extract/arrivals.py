"""Decode S3's notifications of arrived objects. Pure; makes no AWS calls."""

import json
import re
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from shared.batch_records import receive_count
from shared.contracts import file_id_of, recorded_sender
from shared.errors import TerminalError

# Such a file is read within a second.
MOST_INNOCENT_BYTES = 1_000_000
_RE_EXTRACT = re.compile(r"[0-9]{8}T[0-9]{6}Z")


class Arrival(NamedTuple):
    """One version of one object that S3 announced.

    ``version_id`` is "null" in a bucket without versions. ``announced_at`` is ISO 8601 in UTC, to the second.
    ``re_extract`` is "", or the UTC time at which `cafe replay --again` asked to extract the file again. ``sent_by`` is
    the principal that put it, as `recorded_sender` writes it.
    """

    bucket: str
    key: str
    version_id: str
    announced_at: str
    size_bytes: int
    re_extract: str = ""
    sent_by: str = ""

    @property
    def file_id(self) -> str:
        """The file's id."""
        return file_id_of(self.bucket, self.key, self.version_id, self.re_extract)


class UnreadableArrival(TerminalError):
    """A message in the arrivals queue that is not an S3 notification."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"unreadable arrival: {problem}. Look at the message in the dead-letter queue, then delete it."
        )


def decode_arrivals(body: str) -> list[Arrival]:
    """Decode the body of one message into its arrivals; S3's test message announces no object and gives none.

    S3 URL-encodes keys and writes a blank as "+". Raises UnreadableArrival.
    """
    try:
        event = json.loads(body)
    except ValueError as error:
        raise UnreadableArrival("it is not JSON") from error
    if not isinstance(event, dict):
        raise UnreadableArrival("it is not an object")
    if "Records" not in event:
        return []
    try:
        return [_arrival(record) for record in event["Records"] if _is_creation(record)]
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableArrival("one of its Records lacks a bucket, key or time, or has an invalid one") from error


def innocent_first(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort a batch of SQS records so that a file which takes long, or takes the function down, is the last of them.

    The largest come last, and after them those that were received before: one of these may have taken its function
    down. What comes before is handed to transform by then.
    """
    return sorted(records, key=lambda record: (receive_count(record) > 1, _announced_bytes(record)))


def announced_by(records: list[dict[str, Any]]) -> list[Arrival]:
    """Decode a batch of SQS records, without those that cannot be read."""
    return [arrival for record in records for arrival in _readable(record)]


def is_risky(record: dict[str, Any]) -> bool:
    """Return whether the files before this one are to be handed to transform before it is read."""
    return receive_count(record) > 1 or _announced_bytes(record) > MOST_INNOCENT_BYTES


def _announced_bytes(record: dict[str, Any]) -> int:
    return sum(arrival.size_bytes for arrival in _readable(record))


def _readable(record: dict[str, Any]) -> list[Arrival]:
    try:
        return decode_arrivals(record["body"])
    except UnreadableArrival:
        return []


def _is_creation(record: dict[str, Any]) -> bool:
    return str(record["eventName"]).removeprefix("s3:").startswith("ObjectCreated:")


def _arrival(record: dict[str, Any]) -> Arrival:
    stored = record["s3"]["object"]
    re_extract = record.get("cafe", {}).get("reading", "")
    if re_extract and not _RE_EXTRACT.fullmatch(re_extract):
        raise UnreadableArrival("its reading is not a time")
    return Arrival(
        bucket=record["s3"]["bucket"]["name"],
        key=unquote_plus(stored["key"]),
        version_id=stored.get("versionId") or "null",
        announced_at=record["eventTime"][:19] + "Z",
        size_bytes=int(stored.get("size", 0)),
        re_extract=re_extract,
        sent_by=recorded_sender(str(record.get("userIdentity", {}).get("principalId", ""))),
    )
