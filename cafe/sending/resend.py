"""Choose files that have to be sent again, and announce them to the arrivals queue as S3 would.

The choice is made by pure functions of the bucket's list and the ledger. It does no harm to announce a file that is
complete already: load finds it in the ledger.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched

from cafe.counting import counted
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment
from cafe.deployed.queues import MESSAGES_A_CALL, send_batch
from cafe.errors import CafeError
from cafe.sending.events import s3_notification
from cafe.waiting import paced
from cafe.warehouse.ledger import FAILED, RETRACTED, Outcomes

NEVER_COMPLETED = "never completed"
DEFAULT_RATE = 20.0


@dataclass(frozen=True, slots=True)
class Resend:
    """A version to announce again, and why."""

    stored: StoredVersion
    why: str


def missing_files(versions: Iterable[StoredVersion], outcomes: Outcomes, *, written_before: datetime) -> list[Resend]:
    """Choose the versions that never completed or that failed. Newer ones may still be on their way: leave them out."""
    chosen = []
    for stored in versions:
        entry = outcomes.get(stored.in_ledger)
        if stored.written_at > written_before:
            continue
        if entry is None:
            chosen.append(Resend(stored, NEVER_COMPLETED))
        elif entry.outcome == FAILED:
            chosen.append(Resend(stored, f"failed: {entry.reason}"))
    return chosen


def files_to_re_extract(versions: Iterable[StoredVersion], outcomes: Outcomes, *, is_named: bool) -> list[Resend]:
    """Choose the newest version of each key. A retracted file is chosen only if it was named itself.

    Versions come in the order of `list_versions`: those of one key newest first.
    """
    newest: dict[str, StoredVersion] = {}
    for stored in versions:
        newest.setdefault(stored.key, stored)
    chosen = []
    for stored in newest.values():
        entry = outcomes.get(stored.in_ledger)
        if entry is None or entry.outcome != RETRACTED or is_named:
            chosen.append(Resend(stored, entry.outcome if entry else NEVER_COMPLETED))
    return chosen


def re_extract_at(moment: datetime) -> str:
    """Return the name of a re-extract that is requested at a moment."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def announce(
    environment: Environment,
    files: Sequence[Resend],
    *,
    re_extract: str = "",
    per_second: float = DEFAULT_RATE,
    on_sent: Callable[[int], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Send S3's notification of each version to the arrivals queue, at most ``per_second``.

    With ``re_extract``, the files are extracted again even if they are complete. ``on_sent`` is called with the number
    of messages of each batch. Raises CafeError if the queue refused some; the batches before were sent, and it does no
    harm to send all of them again.
    """
    sqs, queue = environment.client("sqs"), environment.fact("extract/queue/url")
    for some in paced(batched(files, MESSAGES_A_CALL, strict=False), per_second / MESSAGES_A_CALL, sleep=sleep):
        bodies = [s3_notification(file.stored, region=environment.region, re_extract=re_extract) for file in some]
        if failed := send_batch(sqs, queue, map(json.dumps, bodies)).get("Failed"):
            raise CafeError(
                f"The arrivals queue refused {counted(len(failed), 'message')}: {failed[0]['Code']}.",
                "Run the same command again: it does no harm to send a file twice.",
            )
        on_sent(len(some))
