"""`cafe watch` on a real terminal: it draws, it follows changes, and Ctrl-C restores the terminal."""

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
# Leave the alternate screen, and show the cursor.
RESTORE_CODES = (b"\x1b[?1049l", b"\x1b[?25h")


class Terminal:
    """A terminal in which a command runs, and everything that the command wrote to it."""

    def __init__(self, *words: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.set_blocking(self._master, False)
        # A session with this controlling terminal, so that Ctrl-C reaches the command as from a keyboard.
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
        """Read all output, and return whether a text was written."""
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
        """Kill the command and close the terminal."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(pipeline: Pipeline) -> Iterator[Terminal]:
    """The live view on a terminal of 24 lines, started while the pipeline is idle."""
    pipeline.wait_until_idle()
    terminal = Terminal(str(CAFE), "watch", "--every", "0.5")
    yield terminal
    terminal.close()


def test_a_completed_file_is_shown_and_ctrl_c_restores_the_terminal(pipeline: Pipeline, terminal: Terminal) -> None:
    wait_until(lambda: terminal.shows(b"cafe watch"), "the first screen")

    pipeline.drop({"watched/leeds.csv": small_file("Watched").body})
    wait_until(lambda: terminal.shows(b"watched/leeds.csv"), "the file on the screen")
    terminal.press(b"\x03")

    assert terminal.process.wait(timeout=30) == 130
    terminal.shows(b"")
    assert all(code in terminal.written for code in RESTORE_CODES)
    after = terminal.written.rpartition(RESTORE_CODES[0])[2]
    assert b"Watched for" in after
    assert b"Traceback" not in after
