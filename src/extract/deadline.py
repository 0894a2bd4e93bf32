"""How long one file may take, so that extract ends it with a reason before Lambda ends the function."""

from collections.abc import Callable

from extract.rules import FileReason, UnreadableBranchFile
from shared.errors import TransientError

# What is kept for writing the last part and for sending the messages, as a share of the function's time.
RESERVED_SHARE = 1 / 8
# A file that had all the time after this share of it, and was not read, never will be.
LATEST_START_SHARE = 1 / 4


class OutOfTime(TransientError):
    """A file was started late in a batch and could not be finished."""

    def __init__(self) -> None:
        super().__init__("the other files of the batch left too little time: the message waits for its next delivery")


class Deadline:
    """The time of one file, of a batch that began with ``whole_milliseconds``."""

    def __init__(self, remaining_milliseconds: Callable[[], int], whole_milliseconds: int) -> None:
        self._remaining = remaining_milliseconds
        self._started_at = remaining_milliseconds()
        self._reserved = whole_milliseconds * RESERVED_SHARE
        self._had_a_fair_share = self._started_at >= whole_milliseconds * (1 - LATEST_START_SHARE)

    def check(self) -> None:
        """Raise UnreadableBranchFile if the file used up its time, or OutOfTime if other files did."""
        remaining = self._remaining()
        if remaining >= self._reserved:
            return
        if not self._had_a_fair_share:
            raise OutOfTime
        raise UnreadableBranchFile(FileReason.TOO_SLOW, f"limit {(self._started_at - remaining) // 1000} seconds")
