"""The local stack of a workspace as a whole: start it, stop it, reset it.

`down` keeps the warehouse, and nothing else: buckets and queues are empty after the next `up`.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from cafe.local import certificates, deployment, earlier, emulator, endpoint, keys, processes, state
from cafe.local.deployment import Progress
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout, checkout
from cafe.local.postgres import PostgresServer
from cafe.local.private_files import make_private
from cafe.local.removal import remove_folder
from cafe.local.state import Stack, running_stack

POSTGRES = "postgres"
DISCARD = f"{deployment.STACK_NAME} was deleted: discard what it kept"


def up(progress: Progress, parameters: Mapping[str, str] | None = None, layout: Layout | None = None) -> Stack:
    """Start the local stack and give its facts. If it is up already, deploy what has changed in the sources.

    If somebody deleted what was deployed (`sam delete`), discard what it kept in the emulator, and start again.
    `parameters` are template parameters besides the local ones. If the start fails or is interrupted, nothing keeps
    running; a stack that was running before keeps running. Raises LocalStackError with the last lines of the log that
    gives the reason.
    """
    layout = layout or checkout()
    all_parameters = {**deployment.local_parameters(), **(parameters or {})}
    with alone(layout), _interruptible():
        earlier.move(layout)
        stack = running_stack(layout)
        deployed = None if stack is None else deployment.stack_id(stack.endpoint_url, keys.read(layout))
        if stack is not None and deployed is None:
            # What a deleted stack keeps is in the way of a new one, as on AWS.
            with progress(DISCARD):
                stop(layout)
            stack = None
        if stack is not None:
            state.mark_used(layout)
            if is_current(layout, all_parameters, deployed):
                return stack
            # If this fails, the running stack stays up: what is deployed still works.
            _deploy(progress, layout, stack, all_parameters)
            return stack
        try:
            stop(layout)
            stack = _start(progress, layout)
            _deploy(progress, layout, stack, all_parameters)
            state.write(stack, layout)
            state.mark_used(layout)
        except BaseException:
            stop(layout)
            raise
        return stack


def settle(layout: Layout) -> None:
    """Make what an earlier version kept the workspace main's, so that a caller can see all of it.

    Raises LocalStackError if the stack of the earlier version is running.
    """
    if earlier.is_there(layout):
        with alone(layout):
            earlier.move(layout)


def down(layout: Layout | None = None) -> list[str]:
    """Stop everything that `up` started, also after a crash; give the names of what was still running."""
    layout = layout or checkout()
    if not (layout.state.is_dir() or earlier.is_there(layout)):
        return []
    with alone(layout):
        stopped = earlier.stop(layout)
        earlier.move(layout)
        return stopped + stop(layout)


def reset(progress: Progress, parameters: Mapping[str, str] | None = None, layout: Layout | None = None) -> Stack:
    """Stop the stack, delete everything that it kept, and start it empty."""
    layout = layout or checkout()
    down(layout)
    # A first demo has nothing to delete, but what an interrupted one left.
    with progress("Delete the warehouse") if layout.warehouse.exists() else nullcontext(), alone(layout):
        for folder in kept_in(layout):
            remove_folder(folder)
    return up(progress, parameters, layout)


def stop(layout: Layout) -> list[str]:
    """Stop all processes of a workspace, for a caller that is `alone` in it; give the names of what was running."""
    state.forget(layout)
    stopped = processes.stop_all(layout.run)
    database = PostgresServer(layout.postgres, layout.log(POSTGRES))
    if database.pid is not None:
        stopped.append(POSTGRES)
    database.stop()
    shutil.rmtree(layout.run, ignore_errors=True)
    return stopped


def alone(layout: Layout) -> AbstractContextManager[None]:
    """Keep two commands from starting or stopping the same stack at once."""
    return _locked(layout, "lock", "Another command is starting or stopping the stack")


def reserved(layout: Layout) -> AbstractContextManager[None]:
    """Keep two commands from filling the same workspace at once: one would delete what the other is counting."""
    return _locked(layout, "filling", "Another command is filling the warehouse")


@contextlib.contextmanager
def _locked(layout: Layout, name: str, problem: str) -> Iterator[None]:
    """Hold a lock of the workspace. It goes with its process. Raises LocalStackError if another process holds it."""
    make_private(layout.state)
    descriptor = os.open(layout.state / name, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalStackError(
                f"{problem} of the workspace {layout.workspace}.", remedy="Wait until it has finished and try again."
            ) from None
        yield
    finally:
        os.close(descriptor)


def kept_in(layout: Layout) -> tuple[Path, ...]:
    """Give the folders of a workspace's data: what `reset` deletes."""
    return (layout.warehouse, layout.run, layout.tls, layout.logs)


def is_current(layout: Layout, parameters: Mapping[str, str], stack_id: str | None) -> bool:
    """Return whether this stack was deployed from the sources as they are now."""
    try:
        deployed = _deployed_file(layout).read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return deployed == _deployment(deployment.fingerprint(layout, parameters), stack_id)


def _start(progress: Progress, layout: Layout) -> Stack:
    keys.make(layout)
    with progress("Start PostgreSQL"):
        database = PostgresServer(layout.postgres, layout.log(POSTGRES)).start()
    with progress("Start the AWS emulator"):
        tls = certificates.provide(layout.tls, datetime.now(UTC))
        endpoint_url = emulator.start(layout, tls.ca_file, endpoint.ready_file(layout))
    with progress("Start the local Redshift endpoint"):
        ports = endpoint.start(layout, database, tls, endpoint_url)
    running = {process.name: process.pid for process in processes.recorded(layout.run)}
    if database.pid is not None:
        running[POSTGRES] = database.pid
    return Stack(
        environment=deployment.ENVIRONMENT,
        stack_name=deployment.STACK_NAME,
        region=emulator.REGION,
        endpoint_url=endpoint_url,
        ca_file=str(tls.ca_file),
        warehouse_host=endpoint.HOST,
        warehouse_port=ports.port,
        processes=running,
    )


def _deploy(progress: Progress, layout: Layout, stack: Stack, parameters: Mapping[str, str]) -> None:
    with deployment.alone_in(layout, progress):
        # Taken before the build: an edit during the build must not count as deployed.
        made_from = deployment.fingerprint(layout, parameters)
        with progress("Build the functions"):
            deployment.build(layout, parameters)
        with progress("Deploy the template and migrate the warehouse"):
            deployment.deploy(layout, stack.endpoint_url, keys.read(layout), parameters)
    deployed = _deployment(made_from, deployment.stack_id(stack.endpoint_url, keys.read(layout)))
    _deployed_file(layout).write_text(deployed, encoding="utf-8")


def _deployment(made_from: str, stack_id: str | None) -> str:
    return f"{made_from}\n{stack_id}\n"


def _deployed_file(layout: Layout) -> Path:
    return layout.run / "deployed"


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Treat TERM and a closed terminal like Ctrl-C: stop what was started, then exit."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.signal(number, leave) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)
