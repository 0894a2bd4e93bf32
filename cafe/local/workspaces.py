"""The workspaces of a checkout: which there are, how large each is, when it was last used, and how one is removed."""

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cafe.errors import CafeError, StackNotUp
from cafe.local import stack
from cafe.local.layout import EARLIER_FOLDERS, LONGEST_NAME, NAME, Layout
from cafe.local.removal import remove_folder
from cafe.local.state import Stack, running_stack

# What `stat` counts disk space in, whatever the size of the file system's blocks.
BLOCK_BYTES = 512


@dataclass(frozen=True)
class Workspace:
    """A workspace on disk. ``stack`` is None unless it is running; ``last_used`` is None if no command has used it."""

    layout: Layout
    stack: Stack | None
    size_bytes: int
    last_used: datetime | None

    @property
    def name(self) -> str:
        return self.layout.workspace

    @property
    def ports(self) -> dict[str, int]:
        """The ports on which its stack listens for clients, by what listens; none if it is not running."""
        if self.stack is None:
            return {}
        return {"emulator": self.stack.endpoint_port, "warehouse": self.stack.warehouse_port}


def layouts(layout: Layout) -> list[Layout]:
    """Give the layouts of all workspaces beside this one that have a folder, by name."""
    with contextlib.suppress(FileNotFoundError):
        names = sorted(folder.name for folder in layout.home.iterdir() if folder.is_dir())
        return [replace(layout, workspace=name) for name in names if _is_workspace(name)]
    return []


def found(layout: Layout) -> list[Workspace]:
    """Find all workspaces beside this one, by name."""
    return [Workspace(one, running_stack(one), size_on_disk(one.state), last_used(one)) for one in layouts(layout)]


def not_up(layout: Layout) -> StackNotUp:
    """Give the error for a stack that is not running. It names those that are."""
    running = [one.workspace for one in layouts(layout) if one != layout and running_stack(one) is not None]
    return StackNotUp(layout.workspace, running=running)


def remove(layout: Layout) -> list[str]:
    """Stop a workspace's stack, and delete all its files; give the names of what was running.

    Raises CafeError if there is no such workspace, LocalStackError if another command starts, stops or fills it.
    """
    if not layout.state.is_dir():
        names = ", ".join(one.workspace for one in layouts(layout))
        raise CafeError(
            f"There is no workspace {layout.workspace}.", f"There are: {names}." if names else "There is none at all."
        )
    with stack.reserved(layout), stack.alone(layout):
        stopped = stack.stop(layout)
        remove_folder(layout.state)
    return stopped


def size_on_disk(folder: Path) -> int:
    """Add up the disk space of a folder in bytes. Files that go away meanwhile are left out."""
    total = 0
    for path, _folders, files in folder.walk():
        for name in files:
            with contextlib.suppress(OSError):
                total += (path / name).lstat().st_blocks * BLOCK_BYTES
    return total


def last_used(layout: Layout) -> datetime | None:
    """Return when a command last used the workspace's stack (UTC)."""
    with contextlib.suppress(FileNotFoundError):
        return datetime.fromtimestamp(layout.used_file.stat().st_mtime, UTC)
    return None


def _is_workspace(name: str) -> bool:
    return bool(NAME.fullmatch(name)) and len(name) <= LONGEST_NAME and name not in EARLIER_FOLDERS
