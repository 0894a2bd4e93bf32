"""Compare what a function's start costs with and without the bytecode that a deploy adds to its package."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.branch_files import bench_folder, bench_layout
from bench.figures import Figure
from bench.workloads import HANDLER_ENVIRONMENT
from cafe.local import deployment
from cafe.local.layout import checkout
from cafe.terminal.steps import show_step

ROUNDS = 15
LAYER = "SharedLayer"


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its folder in the build, the clients that its handler creates, and the limit of the ratio.

    Most of what extract and transform import is boto3, which the runtime has with its bytecode in both cases. So they
    cannot reach what load does.
    """

    folder: str
    clients: tuple[str, ...]
    limit: float


FUNCTIONS = {
    "extract": Function("ExtractFunction", ("s3", "sqs"), 0.9),
    "transform": Function("TransformFunction", ("s3", "sqs"), 0.9),
    "load": Function("LoadFunction", ("s3", "secretsmanager"), 0.65),
}


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Start each function both ways in turns. Each ratio is of starts of one round; the figure is their median.

    Raises LocalStackError if the functions cannot be built.
    """
    layout = bench_layout()
    with TemporaryDirectory(dir=bench_folder()) as folder:
        compiled, without = Path(folder, "with"), Path(folder, "without")
        # For this machine's processor, which `make build` does not do.
        with deployment.alone_in(layout, show_step):
            deployment.build(layout, deployment.local_parameters())
            for name in (LAYER, *(function.folder for function in FUNCTIONS.values())):
                shutil.copytree(layout.build / name, compiled / name)
        shutil.copytree(compiled, without, ignore=shutil.ignore_patterns("__pycache__"))
        return [_figure(stage, compiled, without, rounds) for stage in FUNCTIONS]


def _figure(stage: str, compiled: Path, without: Path, rounds: int) -> Figure:
    function = FUNCTIONS[stage]
    handler = f"import {stage}.handler"
    clients = "import boto3; " + "; ".join(f"boto3.client({name!r})" for name in function.clients)
    turns = [
        (
            _seconds(handler, compiled, function.folder),
            _seconds(handler, without, function.folder),
            _seconds(clients, compiled, function.folder),
        )
        for _ in range(rounds)
    ]
    ratios = [each / other for each, other, _ in turns]
    fast, slow, boto3 = (median(seconds) for seconds in zip(*turns, strict=True))
    return Figure(
        name=f"start of {stage} with bytecode, times without",
        measured=median(ratios),
        limit=function.limit,
        unit="x",
        note=f"{min(ratios):.2f} to {max(ratios):.2f} in {rounds} rounds; {fast:.2f} s against {slow:.2f} s; "
        f"boto3 and its clients alone: {boto3:.2f} s",
    )


def _seconds(statement: str, build: Path, function: str) -> float:
    """Run a statement in the runtime's interpreter, where Lambda's paths are the build's; give its processor time."""
    program = f"from time import process_time; before = process_time(); {statement}; print(process_time() - before)"
    answer = subprocess.run(
        [checkout().runtime_python, "-P", "-c", program],
        env=_environment(build / function, build / LAYER / "python"),
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(answer.stdout)


def _environment(*packages: Path) -> Mapping[str, str]:
    return {
        **HANDLER_ENVIRONMENT,
        "PATH": os.defpath,
        "PYTHONDONTWRITEBYTECODE": "1",  # as on Lambda, where the packages cannot be written to
        "PYTHONPATH": os.pathsep.join(map(str, packages)),
    }
