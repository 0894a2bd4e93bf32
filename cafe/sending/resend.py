"""Choose files that have to be sent again, and announce them to the arrivals queue as S3 would.

What to send is decided by pure functions of the bucket's list and the ledger. Announcing a file that has ended already
does no harm: load finds it in the ledger.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched

from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment
from cafe.errors import CafeError
from cafe.sending.events import s3_notification
from cafe.waiting import paced
from cafe.warehouse.ledger import FAILED, RETRACTED, FileOutcome, FileVersion
from shared.contracts import recorded_key

MESSAGES_A_CALL = 10
NEVER_ENDED = "never ended"
DEFAULT_RATE = 20.0

type Outcomes = Mapping[FileVersion, FileOutcome]


@dataclass(frozen=True, slots=True)
class Resend:
    """A version to announce again, and why."""

    stored: StoredVersion
    why: str


def version_of(stored: StoredVersion) -> FileVersion:
    """Name a stored version as the ledger does."""
    return FileVersion(recorded_key(stored.key), stored.version_id)


def missing_files(versions: Iterable[StoredVersion], outcomes: Outcomes, *, written_before: datetime) -> list[Resend]:
    """Choose what arrived and never came to its end, or failed; what was written later may still be on its way."""
    chosen = []
    for stored in versions:
        outcome = outcomes.get(version_of(stored))
        if stored.written_at > written_before:
            continue
        if outcome is None:
            chosen.append(Resend(stored, NEVER_ENDED))
        elif outcome.outcome == FAILED:
            chosen.append(Resend(stored, f"failed: {outcome.reason}"))
    return chosen


def files_to_read_anew(versions: Iterable[StoredVersion], outcomes: Outcomes, *, is_named: bool) -> list[Resend]:
    """Choose the newest of the versions of each key; one that was retracted only if it was named itself.

    Versions come as `list_versions` gives them: those of one key from the newest.
    """
    newest: dict[str, StoredVersion] = {}
    for stored in versions:
        newest.setdefault(stored.key, stored)
    chosen = []
    for stored in newest.values():
        outcome = outcomes.get(version_of(stored))
        if outcome is None or outcome.outcome != RETRACTED or is_named:
            chosen.append(Resend(stored, outcome.outcome if outcome else NEVER_ENDED))
    return chosen


def moment_of(text: str, now: datetime) -> datetime:
    """Read a moment: an age such as 90s, 15m, 2h, 3d, or a date or time in ISO 8601, in UTC unless it says otherwise.

    Raises CafeError.
    """
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    if text[-1:] in units and text[:-1].isdigit():
        return now - timedelta(**{units[text[-1]]: int(text[:-1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CafeError(
            f"{text!r} is no time.", "Write an age such as 15m, 2h or 3d, or a time such as 2026-11-20T22:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def reading_at(moment: datetime) -> str:
    """Write the reading of files that are read anew at a moment."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def announce(
    environment: Environment,
    files: Sequence[Resend],
    *,
    reading: str = "",
    per_second: float = DEFAULT_RATE,
    on_sent: Callable[[int], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Send S3's notification of each version to the arrivals queue, so many a second.

    ``reading`` asks that files be read anew. ``on_sent`` is told how many were sent. Raises CafeError if the queue
    refused some; those before them were sent, and sending all again does no harm.
    """
    sqs, queue = environment.client("sqs"), environment.fact("extract/queue/url")
    for some in paced(batched(files, MESSAGES_A_CALL, strict=False), per_second / MESSAGES_A_CALL, sleep=sleep):
        bodies = [
            s3_notification(file.stored, region=environment.region, moment=file.stored.written_at, reading=reading)
            for file in some
        ]
        entries = [{"Id": str(place), "MessageBody": json.dumps(body)} for place, body in enumerate(bodies)]
        if failed := sqs.send_message_batch(QueueUrl=queue, Entries=entries).get("Failed"):
            raise CafeError(
                f"The arrivals queue refused {len(failed)} messages: {failed[0]['Code']}.",
                "Run the same command again: what was sent already does no harm.",
            )
        on_sent(len(some))
