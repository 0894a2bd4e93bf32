"""The functions' workers on this machine: found by what they run, killed, frozen and starved as the kernel does."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Worker:
    """A process under Lambda's runtime client."""

    process: int
    stage: str

    def kill(self) -> bool:
        """Kill it without a word; tell whether it was still there."""
        try:
            os.kill(self.process, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def freeze(self) -> None:
        """Stop it where it is; only `thaw`, a kill or a time-out from outside ends that."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGCONT)

    def limit_memory(self, size_bytes: int) -> None:
        """Refuse it memory beyond a size, also if it has more already: it keeps that, and gets none."""
        with suppress(ProcessLookupError):
            resource.prlimit(self.process, resource.RLIMIT_DATA, (size_bytes, resource.RLIM_INFINITY))

    @property
    def is_alive(self) -> bool:
        """Whether the process is there and no zombie."""
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
            if b"awslambdaric" in command and endpoint_url.encode() in (folder / "environ").read_bytes():
                handler = command[command.index(b"awslambdaric") + 1].decode()
                yield Worker(int(folder.name), handler.partition(".")[0])
