"""SAM's commands as a user types them for the local stack: after `cafe env`."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from cafe.local.layout import checkout
from e2e.command_line import CAFE
from e2e.pipeline import wait_until

SAM = (CAFE, "env", "sam")
# Nothing waits that long: the tests must also pass on a machine that is busy with other work.
TIMEOUT_SECONDS = 180.0


def sam(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of SAM in the checkout."""
    return subprocess.run(
        [*SAM, *arguments], capture_output=True, check=False, cwd=checkout().root, text=True, timeout=TIMEOUT_SECONDS
    )


def answer_of(*arguments: str) -> Any:
    """Run a command of SAM that must succeed, and return the JSON that it prints."""
    run = sam(*arguments)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


class Following:
    """A command that runs until it is interrupted, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until the command has printed a text. Fail if it ends before."""

        def has_text() -> bool:
            found = self.output.count(text) >= times
            assert found or self._process.poll() is None, f"it ended:\n{self.output}"
            return found

        try:
            wait_until(has_text, f"{text!r} in the output", TIMEOUT_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output}") from error


@contextmanager
def following(*arguments: str, folder: Path) -> Iterator[Following]:
    """Run a command of SAM until the context ends, then interrupt it as Ctrl-C does."""
    with subprocess.Popen(
        [*SAM, *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdin is not None
        process.stdin.write("y\n" * 5)  # `sam sync` asks whether this is a stack for development
        process.stdin.close()
        try:
            yield Following(process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
