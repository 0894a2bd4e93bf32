"""Run one stage in a container against the twin, by `sam local invoke`, and write what SAM needs for it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cafe.local import aws_clients, forwarder, keys, processes, sam_local
from cafe.local.deployment import architecture
from cafe.local.engine import Engine, NoEngine, find_engine, is_own_address
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout
from cafe.local.private_files import write_private
from cafe.local.runtime import Invocation, judge
from cafe.local.sam_local import DeployedFunction, Reach
from cafe.local.state import Stack

# This project's SAM CLI is beside its Python.
PROGRAMS = Path(sys.executable).parent
STOP_TIMEOUT_SECONDS = 10.0
POLL_SECONDS = 0.05
TAIL_LINES = 15


@dataclass(frozen=True)
class Containers:
    """A twin that containers can reach, and the engine that runs them."""

    layout: Layout
    stack: Stack
    engine: Engine
    functions: Mapping[str, DeployedFunction]
    reach: Reach

    def missing_images(self) -> list[str]:
        """Name the images in which the functions run and which are not on this machine."""
        wanted = {sam_local.image(function.runtime, architecture()) for function in self.functions.values()}
        return sorted(name for name in wanted if not self.engine.has_image(name))


def prepare(layout: Layout, stack: Stack, functions: Sequence[DeployedFunction]) -> Containers:
    """Make the twin reachable from containers, and write what `sam local` needs. Safe to repeat.

    Raises NoEngine if no container engine answers.
    """
    missing = [function.stage for function in functions if not (layout.build / function.logical_id).is_dir()]
    if missing:
        raise LocalStackError(f"These stages are not built: {', '.join(missing)}.", remedy="Run: make build")
    engine = find_engine()
    reach = _reach(layout, stack, engine)
    root_keys = keys.read(layout)
    aws_clients.write_config(stack, root_keys, layout)
    authority = layout.sam_local / "authority"
    write_private(authority / sam_local.AUTHORITY_FILE, Path(stack.ca_file).read_text(encoding="utf-8"))
    template = sam_local.template(
        functions, reach, root_keys, architecture=architecture(), build=layout.build, authority=authority
    )
    write_private(layout.sam_template, json.dumps(template, indent=2))
    write_private(layout.sam_values, json.dumps(sam_local.values(functions, reach, root_keys), indent=2))
    return Containers(layout, stack, engine, {function.stage: function for function in functions}, reach)


def _reach(layout: Layout, stack: Stack, engine: Engine) -> Reach:
    """Find the ports at which containers reach the twin.

    If the engine runs in a virtual machine, as on macOS, it passes connections to host.docker.internal on to the
    loopback of this machine. If it runs here, a forwarder must.
    """
    endpoint_port = stack.endpoint_port
    if engine.is_rootless():
        raise NoEngine(
            "The container engine runs without root, so its containers cannot reach this machine.",
            "Use Docker's system service: export DOCKER_HOST=unix:///var/run/docker.sock",
        )
    bridge = engine.bridge()
    if bridge is None or not is_own_address(bridge.gateway):
        return Reach(endpoint_port, stack.warehouse_port)
    return Reach(*forwarder.provide(layout, bridge, [endpoint_port, stack.warehouse_port]))


def invoke(containers: Containers, stage: str, event: Mapping[str, Any], variables: Mapping[str, str]) -> Invocation:
    """Run a stage on an event, with some variables that differ from the deployed function's.

    SAM downloads the image if it is missing. Raises LocalStackError if SAM does not get as far as the function.
    """
    layout = containers.layout
    function = containers.functions[stage]
    function = replace(function, variables={**function.variables, **variables})
    values_file = layout.sam_local / f"variables-{os.getpid()}.json"
    root_keys = keys.read(layout)
    write_private(values_file, json.dumps(sam_local.values([function], containers.reach, root_keys)))
    command = sam_local.whole_command(
        stage,
        "-",
        config=layout.sam_config,
        template_file=layout.sam_template,
        values_file=values_file,
        profile=aws_clients.profile(layout),
    )
    environment = aws_clients.point_at_twin(
        os.environ, aws_clients.client_variables(containers.stack.endpoint_url, root_keys, layout)
    )
    try:
        return _run(containers, command, json.dumps(event), environment)
    finally:
        values_file.unlink(missing_ok=True)


def _run(containers: Containers, command: Sequence[str], event: str, environment: Mapping[str, str]) -> Invocation:
    log_file = containers.layout.log(f"sam-local-{os.getpid()}")
    log_file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with contextlib.ExitStack() as exits:
            errors = exits.enter_context(log_file.open("w"))
            with processes.signals_held_back():
                # In a session of its own: a Ctrl-C in the terminal reaches this process only, which then stops SAM.
                child = exits.enter_context(
                    subprocess.Popen(
                        [PROGRAMS / command[0], *command[1:]],
                        env=dict(environment),
                        cwd=containers.layout.root,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=errors,
                        start_new_session=True,
                        encoding="utf-8",
                        errors="replace",
                    )
                )
                exits.push(lambda error, *_: _stop(containers.engine, child, log_file) if error else None)
            answer, _ = child.communicate(event)
        log = log_file.read_text(encoding="utf-8", errors="replace")
    finally:
        log_file.unlink()
    if child.returncode != 0 or not answer.strip():
        tail = "\n".join(log.rstrip().split("\n")[-TAIL_LINES:])
        raise LocalStackError(
            f"`{' '.join(command[:4])}` did not run the function.",
            remedy="Fix what the lines above report, and try again.",
            output=f"--- its last lines ---\n{tail}\n---",
        )
    value, failed = judge(answer)
    return Invocation(value, sam_local.function_log(log), failed)


def _stop(engine: Engine, child: subprocess.Popen[str], log_file: Path) -> None:
    """Stop SAM and its container. SAM removes the container, but then waits until the function's time is over."""
    child.send_signal(signal.SIGINT)
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        container = sam_local.container_id(log_file.read_text(encoding="utf-8", errors="replace"))
        if container and not engine.has_container(container):
            break
        time.sleep(POLL_SECONDS)
    child.kill()
    if container := sam_local.container_id(log_file.read_text(encoding="utf-8", errors="replace")):
        engine.remove_container(container)
