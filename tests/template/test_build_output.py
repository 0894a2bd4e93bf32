"""Lambda can import what `sam build` packs.

SAM does not document that it keeps a package's folder, so this is tested.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from cafe.local import deployment
from cafe.local.layout import Layout
from template.stack import REGION, TEMPLATE_FILE, Stack, read_source

ROOT = TEMPLATE_FILE.parent
BUILD = ROOT / ".aws-sam" / "build"
LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"  # what AWS's runtime has: boto3, but not this project
STAGES = ("extract", "transform", "load")
FUNCTIONS = {stage: f"{stage.capitalize()}Function" for stage in STAGES}
MEGABYTE = 1_000_000
BUILT_BY = ("Makefile", "requirements.txt")

# Imports as Lambda does: the function's folder and the layer come first, then the packages of the runtime.
IMPORT_HANDLER = """
import importlib, json, sys
handler, *folders = sys.argv[1:]
sys.path[:0] = folders
module, _, function = handler.rpartition(".")
imported = importlib.import_module(module)
assert callable(getattr(imported, function)), handler
packages = {name.partition(".")[0]: found for name, found in sys.modules.items() if "." not in name}
json.dump({name: list(packages[name].__path__)[0] for name in (module.partition(".")[0], "shared")}, sys.stdout)
"""


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that `sam build` writes, for this machine's processor."""
    layout = Layout(ROOT, tmp_path_factory.mktemp("build"))
    with deployment.alone_in(layout, lambda _step: nullcontext()):
        deployment.build(layout, deployment.local_parameters())
    return BUILD


@pytest.mark.parametrize("stage", STAGES)
def test_lambda_can_import_the_handler_from_what_was_built(build: Path, stage: str) -> None:
    function = Stack(read_source()).resources[FUNCTIONS[stage]].properties
    # Only the variables of the template. References become a number, because the port has to be one.
    variables = {
        name: value if isinstance(value, str) else "5439"
        for name, value in function["Environment"]["Variables"].items()
    }
    package, layer = build / FUNCTIONS[stage], build / "SharedLayer" / "python"

    imported = subprocess.run(
        [LAMBDA_PYTHON, "-I", "-c", IMPORT_HANDLER, function["Handler"], package, layer],
        env={"AWS_DEFAULT_REGION": REGION, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert imported.returncode == 0, imported.stderr
    assert json.loads(imported.stdout) == {stage: str(package / stage), "shared": str(layer / "shared")}


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_ships_its_own_stage_whole_and_no_other(build: Path, stage: str) -> None:
    package = build / FUNCTIONS[stage]

    shipped = set(_files(package / stage))

    assert shipped == set(_files(ROOT / "src" / stage))
    assert [other for other in (*STAGES, "shared") if other != stage and (package / other).exists()] == []
    assert not (package / "handler.py").exists()


def test_the_layer_ships_what_the_stages_share(build: Path) -> None:
    shipped = set(_files(build / "SharedLayer" / "python" / "shared"))

    assert shipped == set(_files(ROOT / "src" / "shared"))


@pytest.mark.parametrize(
    ("package", "limit"),
    # Extract has the time zones and the documents of the dialects; both have gzip in a compiled module of 1 MB.
    [
        ("ExtractFunction", 3 * MEGABYTE),
        ("TransformFunction", 1.5 * MEGABYTE),
        ("LoadFunction", 8 * MEGABYTE),
        ("SharedLayer", 10 * MEGABYTE),
    ],
)
def test_a_package_is_small_enough_to_start_quickly(build: Path, package: str, limit: float) -> None:
    files = [file for file in (build / package).rglob("*") if file.is_file()]

    assert sum(file.stat().st_size for file in files) < limit


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, except Python's compiled ones and those that the package is built by."""
    for file in folder.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts and file.name not in BUILT_BY:
            yield file.relative_to(folder)
