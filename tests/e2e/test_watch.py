"""`cafe watch` on a terminal of its own: it draws, it follows, and Ctrl-C leaves the terminal as it was."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Iterator

import pytest

from e2e.branch_files import small_file
from e2e.command_line import CAFE
from e2e.pipeline import Pipeline, wait_until

pytestmark = pytest.mark.e2e

ROWS, COLUMNS = 24, 100
# Leaves the alternate screen; shows the cursor.
AS_IT_WAS = (b"\x1b[?1049l", b"\x1b[?25h")


class Terminal:
    """A terminal on which a command runs, and all that the command wrote to it."""

    def __init__(self, *words: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.set_blocking(self._master, False)
        # A session with this terminal as its own, so that Ctrl-C reaches the command as it does from a keyboard.
        self.process = subprocess.Popen(
            words,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=os.environ | {"TERM": "xterm-256color"},
        )
        os.close(slave)
        self.written = b""

    def shows(self, text: bytes) -> bool:
        """Read what there is, and tell whether a text was written."""
        try:
            while piece := os.read(self._master, 65536):
                self.written += piece
        except (BlockingIOError, OSError):
            pass
        return text in self.written

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._master, key)

    def close(self) -> None:
        """Go away, whatever still runs."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(pipeline: Pipeline) -> Iterator[Terminal]:
    """The live view on a terminal of 24 lines, with the pipeline idle before it."""
    pipeline.wait_until_idle()
    terminal = Terminal(str(CAFE), "watch", "--every", "0.5")
    yield terminal
    terminal.close()


def test_a_file_shows_when_it_ends_and_ctrl_c_leaves_the_terminal_as_it_was(
    pipeline: Pipeline, terminal: Terminal
) -> None:
    wait_until(lambda: terminal.shows(b"cafe watch"), "the first screen")

    pipeline.drop({"watched/leeds.csv": small_file("Watched").body})
    wait_until(lambda: terminal.shows(b"watched/leeds.csv"), "the file on the screen")
    terminal.press(b"\x03")

    assert terminal.process.wait(timeout=30) == 130
    terminal.shows(b"")
    assert all(code in terminal.written for code in AS_IT_WAS)
    after = terminal.written.rpartition(AS_IT_WAS[0])[2]
    assert b"Watched for" in after
    assert b"Traceback" not in after
