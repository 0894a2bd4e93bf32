"""How long one file may take, so that extract ends it with a reason before Lambda ends the function."""

import time
from collections.abc import Callable

from extract.rules import FileReason, UnreadableBranchFile
from shared.errors import TransientError

# What is kept for writing the last part and for sending the messages, as a share of the function's time.
RESERVED_SHARE = 1 / 8
# A file that used the processor for this share of the function's time, and was not read, never will be. If it used
# less, other files of the batch had the time, or S3 was slow.
FAIR_SHARE = 1 / 2


class OutOfTime(TransientError):
    """A file could not be finished in this invocation, which was not its own fault."""

    def __init__(self) -> None:
        super().__init__("other files or S3 took too much of the time: the message waits for its next delivery")


class Deadline:
    """The time of one file, of a batch that began with ``whole_milliseconds``.

    ``remaining_milliseconds`` is Lambda's; ``processor_seconds`` only grows.
    """

    def __init__(
        self,
        remaining_milliseconds: Callable[[], int],
        whole_milliseconds: int,
        processor_seconds: Callable[[], float] = time.process_time,
    ) -> None:
        self._remaining = remaining_milliseconds
        self._reserved = whole_milliseconds * RESERVED_SHARE
        self._fair_seconds = whole_milliseconds / 1000 * FAIR_SHARE
        self._processor_seconds = processor_seconds
        self._started_at = processor_seconds()

    def check(self) -> None:
        """Raise UnreadableBranchFile if the file used up its time, or OutOfTime if something else did."""
        if self._remaining() >= self._reserved:
            return
        if self._processor_seconds() - self._started_at < self._fair_seconds:
            raise OutOfTime
        raise UnreadableBranchFile(FileReason.TOO_SLOW, f"limit {self._fair_seconds:.0f} seconds")
