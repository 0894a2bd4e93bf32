"""Find the functions' worker processes on this machine, and kill, freeze or limit them."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from patched_ministack.functions import RUNTIME_CLIENT


@dataclass(frozen=True, slots=True)
class Worker:
    """A process under Lambda's runtime client."""

    process: int
    stage: str

    def kill(self) -> bool:
        """Kill it with SIGKILL; return whether it still existed."""
        try:
            os.kill(self.process, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def freeze(self) -> None:
        """Stop it with SIGSTOP, until `thaw` or a kill."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it continue after `freeze`."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGCONT)

    def limit_memory(self, size_bytes: int) -> None:
        """Limit its memory. If it has more already, it keeps that and gets no more."""
        with suppress(ProcessLookupError):
            resource.prlimit(self.process, resource.RLIMIT_DATA, (size_bytes, resource.RLIM_INFINITY))

    @property
    def is_alive(self) -> bool:
        """Whether the process exists and is not a zombie."""
        try:
            return "\nState:\tZ" not in Path(f"/proc/{self.process}/status").read_text("utf-8")
        except OSError:
            return False


def workers_of(endpoint_url: str) -> Iterator[Worker]:
    """Find the workers of the stack whose emulator has this address."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            command = (folder / "cmdline").read_bytes().split(b"\0")
            client = str(RUNTIME_CLIENT).encode()
            if client in command and endpoint_url.encode() in (folder / "environ").read_bytes():
                handler = command[command.index(client) + 1].decode()
                yield Worker(int(folder.name), handler.partition(".")[0])
