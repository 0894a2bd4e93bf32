"""The state of an earlier version, which kept the only stack directly in `.cafe`: it becomes the workspace main."""

import shutil
from pathlib import Path

from cafe.local import processes
from cafe.local.errors import LocalStackError
from cafe.local.layout import EARLIER_FOLDERS, MAIN, Layout
from cafe.local.postgres import PostgresServer
from cafe.local.private_files import make_private


def is_there(layout: Layout) -> bool:
    """Whether the folder of all workspaces has files of an earlier version, and this is main, to which they belong."""
    parts = ("stack.json", "lock", *EARLIER_FOLDERS)
    return layout.workspace == MAIN and any((layout.home / part).exists() for part in parts)


def stop(layout: Layout) -> list[str]:
    """Stop the stack that an earlier version started; give the names of what was running. main only."""
    if not is_there(layout):
        return []
    stopped = processes.stop_all(layout.home / "run")
    database = _database(layout)
    if database.pid is not None:
        stopped.append("postgres")
    database.stop()
    return stopped


def move(layout: Layout) -> None:
    """Move the warehouse that an earlier version kept into the workspace main. Does nothing if there is none.

    Raises LocalStackError while the earlier stack is running: to stop it would empty its buckets. Raises it too if main
    has a warehouse already, and keeps both.
    """
    if not is_there(layout):
        return
    if _database(layout).pid is not None or any(one.is_running for one in processes.recorded(layout.home / "run")):
        raise LocalStackError(
            "A local stack that an earlier version of this checkout started is running.",
            remedy="Run `cafe down`, which stops it and keeps its warehouse. Then try again.",
        )
    earlier_warehouse = layout.home / "postgres"
    if earlier_warehouse.exists() and layout.warehouse.exists():
        raise LocalStackError(
            f"There are two warehouses: {earlier_warehouse}, of an earlier version, and {layout.warehouse}.",
            remedy="Move the folder of the one that you do not need to another place, and try again.",
        )
    make_private(layout.state)
    for name in ("postgres", "tls", "logs", "dashboards.html"):
        if (layout.home / name).exists() and not (layout.state / name).exists():
            (layout.home / name).rename(layout.state / name)
    # Last: while one of these is there, an interrupted move is repeated.
    for leftover in (*EARLIER_FOLDERS, "lock", "stack.json"):
        _remove(layout.home / leftover)


def _database(layout: Layout) -> PostgresServer:
    return PostgresServer(layout.home / "postgres" / "data", layout.home / "logs" / "postgres.log")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
