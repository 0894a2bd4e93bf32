"""Which folders of the local Redshift import which."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "local_redshift"


def imported_by(folder: str) -> set[str]:
    """Give what the modules of a folder import: of the package itself the folder or module, of others the package."""
    names = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                package, *rest = node.module.split(".")
                names.add(rest[0] if package == ROOT.name and rest else package)
            elif isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
    return names


def test_the_local_redshift_imports_nothing_of_the_project() -> None:
    assert not imported_by(".") & {"cafe", "extract", "transform", "load", "shared", "grafana", "patched_ministack"}


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [("dialect", {"dialect", "errors"}), ("wire", {"wire", "errors"}), ("copy", {"copy", "dialect", "wire", "errors"})],
)
def test_a_folder_imports_only_those_below_it(folder: str, allowed: set[str]) -> None:
    own = {path.stem for path in ROOT.iterdir()}

    assert imported_by(folder) & own <= allowed
