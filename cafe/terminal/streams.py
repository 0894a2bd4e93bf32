"""What becomes of a command's output: a pipe that nobody reads, a full disk, blanks at the end of lines."""

import os
import select
import sys
from typing import Any


class WithoutTrailingBlanks:
    """A stream for a pipe, without blanks at the end of lines: they fill a screen's columns, and disturb programs."""

    def __init__(self, stream: Any) -> None:
        """Write to this stream."""
        self._stream = stream
        self._blanks = ""

    def write(self, text: str) -> int:
        """Write text; blanks at its end wait until it is known whether the line goes on."""
        lines = (self._blanks + text).split("\n")
        *whole, last = [line.rstrip(" ") for line in lines]
        self._blanks = lines[-1][len(last) :]
        self._stream.write("".join(f"{line}\n" for line in whole) + last)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        """Be the stream in everything else."""
        return getattr(self._stream, name)


def open_missing_streams() -> None:
    """Give a command that was started without standard output or error (`>&-`) streams that lead nowhere.

    Otherwise the next file that it opens would get their numbers, and its output.
    """
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


def output_failure(problem: BaseException | None) -> OSError | None:
    """Return why standard output or error cannot be written, None if both can.

    What could not be written is still in the stream's buffer, so that writing fails again. Where there is no buffer,
    a broken pipe is the output's if nobody reads the output; it may be another connection's.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            return error
    if isinstance(problem, BrokenPipeError) and any(map(_has_no_reader, (sys.stdout, sys.stderr))):
        return problem
    return None


def drop_output() -> None:
    """Lead what cannot be written nowhere, so that Python does not try to write it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
            is_lost = _has_no_reader(stream)
        except OSError:
            is_lost = True
        if is_lost:
            os.dup2(nowhere, stream.fileno())


def _has_no_reader(stream: Any) -> bool:
    poll = select.poll()
    poll.register(stream.fileno(), select.POLLOUT)
    return any(event & select.POLLERR for _, event in poll.poll(0))
