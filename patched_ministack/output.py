"""Collect an invocation's output, all of it and nothing else.

ministack waits until nothing has come for five milliseconds. On a busy machine, lines come later than that, and it
takes them for output of the next invocation: in the log they appear too late, or never if none follows. So the runtime
client writes a last line (patched_ministack/runtime_client.py), and this waits for it.
"""

import queue
import time
from collections.abc import Callable

# As in patched_ministack/runtime_client.py, which runs in another environment.
END = "\x1eoutput of {}"
MOST_SECONDS = 10.0
POLL_SECONDS = 0.05


def output_of(invocation: str, lines: "queue.Queue[str]", is_alive: Callable[[], bool]) -> str:
    """Take the lines up to the end of an invocation's output. It never comes if the process has died before it."""
    end, found, deadline = END.format(invocation), list[str](), time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=POLL_SECONDS)
        except queue.Empty:
            if not is_alive():
                break
            continue
        if line.endswith(end):
            # What was written without a line feed stands before it.
            found += filter(None, [line.removesuffix(end)])
            break
        # An invocation whose answer could not be sent is answered twice.
        if not line.startswith(END.format("")):
            found.append(line)
    return "\n".join(found)
