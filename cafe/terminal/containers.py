"""Make containers ready for a command, and say how a person runs a stage in one."""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cafe.local import aws_clients, sam_local
from cafe.local.layout import Layout, workspace_option
from cafe.terminal.steps import show_step

if TYPE_CHECKING:
    from cafe.deployed.environment import Environment
    from cafe.local.containers import Containers


def ready_containers(environment: "Environment") -> "Containers":
    """Prepare the local stack for containers, and download what they run in. Raises NoEngine and NoImage."""
    from cafe.sending.stage_runs import prepare_containers

    containers = prepare_containers(environment)
    for name in containers.missing_images():
        with show_step(f"Download {name}"):
            containers.engine.pull(name)
    return containers


def typed_command(stage: str, layout: Layout) -> str:
    """Give the line that runs a stage on `event.json` in a container, as it is typed in the current folder.

    In the checkout it is short, because samconfig.toml holds the rest, or `cafe env` adds it.
    """
    if Path.cwd() == layout.root:
        command = sam_local.command(stage, "event.json")
    else:
        command = sam_local.whole_command(
            stage,
            "event.json",
            config=layout.sam_config,
            template_file=layout.sam_template,
            values_file=layout.sam_values,
            profile=aws_clients.profile(layout),
        )
    return shlex.join([_cafe(), *workspace_option().split(), "env", *command])


def _cafe() -> str:
    """Give this program as it is typed: by its name if the shell finds it, or else by its path."""
    program = Path(sys.executable).with_name("cafe")
    found = shutil.which("cafe")
    return "cafe" if found and Path(found).resolve() == program.resolve() else os.path.relpath(program)
