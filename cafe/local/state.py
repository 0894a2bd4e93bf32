"""The facts of the running local stack, in its workspace's `stack.json`, where other commands and tests find them."""

import contextlib
import json
from dataclasses import asdict, dataclass

from cafe.local import processes
from cafe.local.layout import Layout, checkout
from cafe.local.postgres import PostgresServer
from cafe.local.private_files import FILE_MODE, write_private


@dataclass(frozen=True)
class Stack:
    """A local stack that is up. `environment` is the template's parameter; `processes` gives process ids by name."""

    environment: str
    stack_name: str
    region: str
    endpoint_url: str
    ca_file: str
    warehouse_host: str
    warehouse_port: int
    processes: dict[str, int]

    @property
    def endpoint_port(self) -> int:
        """The port of the emulator."""
        return int(self.endpoint_url.rpartition(":")[2])


def running_stack(layout: Layout | None = None) -> Stack | None:
    """Find the stack that is up; None if there is none, if one of its processes has exited, or if its keys are gone."""
    layout = layout or checkout()
    try:
        stack = Stack(**json.loads(layout.stack_file.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):  # no file, or one that another version wrote
        return None
    alive = {process.name: process.pid for process in processes.recorded(layout.run) if process.is_running}
    database = PostgresServer(layout.postgres, layout.log("postgres")).pid
    if database is not None:
        alive["postgres"] = database
    return stack if alive.items() >= stack.processes.items() and layout.root_keys.exists() else None


def write(stack: Stack, layout: Layout) -> None:
    """Record that the stack is up. The file is replaced in one step, so a reader never sees half of it."""
    write_private(layout.stack_file, json.dumps(asdict(stack), indent=2) + "\n")


def mark_used(layout: Layout) -> None:
    """Record that a command uses the workspace now. Does nothing where nothing can be written."""
    with contextlib.suppress(OSError):
        layout.used_file.touch(mode=FILE_MODE)


def forget(layout: Layout) -> None:
    """Record that no stack is up."""
    layout.stack_file.unlink(missing_ok=True)
