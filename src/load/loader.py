"""Load with patience: another try for what may pass within seconds, and the ledger's word after a commit in doubt."""

import random
import time
from collections.abc import Callable, Sequence

from load.connection import Connection
from load.objects import Objects
from load.rules import failure_detail, failure_reason
from load.stage import CommitUnanswered, EndedFile, load_parts, record_failed
from load.warehouse import may_pass_at_once
from shared.contracts import TransformedPart

MOST_TRIES = 5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


class Loader:
    """Loads batches over the one connection of a warm function.

    ``pause`` waits so many seconds; ``clock`` tells seconds that only grow; ``fraction`` draws from 0 to 1.
    """

    def __init__(
        self,
        connection: Connection,
        objects: Objects,
        copy_role_arn: str,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        fraction: Callable[[], float] = random.random,
    ) -> None:
        self._connection = connection
        self._objects = objects
        self._copy_role_arn = copy_role_arn
        self._pause = pause
        self._clock = clock
        self._fraction = fraction

    def load(self, parts: Sequence[TransformedPart], batch_id: str, patience_seconds: float) -> list[EndedFile]:
        """Load a batch in one transaction; give the files that it completed.

        What may pass at once (a lost connection, a deadlock, an isolation violation) is tried again, a few times and
        with full jitter, as long as ``patience_seconds`` are not over. A commit that was not answered is settled by
        the next try, which finds in the ledger what was kept. Raises what `load_parts` raises.
        """
        deadline = self._clock() + patience_seconds
        in_doubt: dict[str, EndedFile] = {}
        for tries in range(1, MOST_TRIES + 1):
            try:
                with self._connection.session() as session:
                    ended = load_parts(parts, session, self._objects, self._copy_role_arn, f"{batch_id}-{tries}")
            except Exception as error:
                if isinstance(error, CommitUnanswered):
                    in_doubt |= {file.file_id: file for file in error.ended}
                elif not may_pass_at_once(error):
                    raise
                pause_seconds = self._jittered(tries)
                if tries == MOST_TRIES or self._clock() + pause_seconds > deadline:
                    raise
                self._pause(pause_seconds)
            else:
                # Those that this try did not end had ended before: the commit in doubt was kept.
                return [*ended, *(in_doubt[id_] for id_ in in_doubt.keys() - {file.file_id for file in ended})]
        raise AssertionError("the last try returns or raises")

    def record_failed(self, part: TransformedPart, error: Exception) -> None:
        """Put a file that fails for good into the ledger, with its reason. Raises TransientError."""
        with self._connection.session() as session:
            record_failed(part, failure_reason(error), failure_detail(error), session)

    def _jittered(self, tries: int) -> float:
        return self._fraction() * min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1))
