"""Load with retries: try again what may pass within seconds; after a COMMIT without an answer, read the ledger."""

import random
import time
from collections.abc import Callable, Sequence

from load.connection import Connection
from load.rules import failure_detail, failure_reason
from load.stage import CommitUnanswered, FileOutcome, LoadOptions, load_in_one_transaction, record_failed
from load.warehouse import may_pass_at_once
from shared.contracts import TransformedPart

MOST_TRIES = 5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


class Loader:
    """Loads batches over the one connection of a warm function.

    ``pause`` waits N seconds; ``clock`` returns seconds that only grow; ``fraction`` draws from 0 to 1.
    """

    def __init__(
        self,
        connection: Connection,
        options: LoadOptions,
        *,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        fraction: Callable[[], float] = random.random,
    ) -> None:
        self._connection = connection
        self._options = options
        self._pause = pause
        self._clock = clock
        self._fraction = fraction

    def load_with_retries(
        self, parts: Sequence[TransformedPart], batch_id: str, patience_seconds: float
    ) -> list[FileOutcome]:
        """Load a batch in one transaction; return the outcomes of the files that it completed.

        An error that may pass within seconds (a lost connection, a conflict with another transaction, a time-out before
        anything was written) is tried again, a few times with full jitter, within ``patience_seconds``. After a COMMIT
        without an answer, the next try finds in the ledger what was kept. Raises what `load_in_one_transaction` raises.
        """
        deadline = self._clock() + patience_seconds
        in_doubt: dict[str, FileOutcome] = {}
        tries = 0
        while True:
            tries += 1
            try:
                with self._connection.session() as session:
                    completed = load_in_one_transaction(parts, session, self._options, f"{batch_id}-{tries}")
            except Exception as error:
                if isinstance(error, CommitUnanswered):
                    in_doubt |= {file.file_id: file for file in error.completed}
                elif not may_pass_at_once(error):
                    raise
                pause_seconds = self._jittered(tries)
                if tries == MOST_TRIES or self._clock() + pause_seconds > deadline:
                    raise
                self._pause(pause_seconds)
            else:
                # A file in doubt that this try did not complete was in the ledger: its COMMIT was kept.
                kept = in_doubt.keys() - {file.file_id for file in completed}
                return [*completed, *(in_doubt[file_id] for file_id in kept)]

    def record_failed(self, part: TransformedPart, error: Exception) -> None:
        """Record a file that fails for good in the ledger, with its reason. Raises TransientError."""
        with self._connection.session() as session:
            record_failed(part, failure_reason(error), failure_detail(error), session)

    def _jittered(self, tries: int) -> float:
        return self._fraction() * min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1))
