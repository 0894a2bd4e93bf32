"""The revision of extract's rules: whatever decides which rows a file has changes it, and nothing else does."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from extract import revision
from extract.revision import FOLDERS, rules_revision

DAYS = 60
INSTALLED = rules_revision(DAYS)


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copies of the packages, of which the revision is made instead."""
    for package, folder in FOLDERS.items():
        shutil.copytree(folder, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(revision, "FOLDERS", {package: tmp_path / package for package in FOLDERS})
    return tmp_path


def append(path: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write("\n")

    return change


def rename(folder: Path) -> None:
    (folder / "extract/cells.py").rename(folder / "extract/other_cells.py")


def remove_dialect(folder: Path) -> None:
    min((folder / "extract/dialects").glob("*.toml")).unlink()


@pytest.mark.parametrize(
    "change",
    [
        append("extract/branch_csv.py"),
        append("extract/dialects/compiled.py"),
        append("extract/dialects/cafe-sales.toml"),
        append("shared/baskets.py"),
        rename,
        remove_dialect,
    ],
    ids=["code", "code of the dialects", "a dialect", "shared code", "a module's name", "a dialect less"],
)
def test_what_decides_the_rows_changes_it(copies: Path, change: Callable[[Path], None]) -> None:
    change(copies)

    assert rules_revision(DAYS) != INSTALLED


def test_how_old_a_sale_may_be_changes_it() -> None:
    assert rules_revision(DAYS - 1) != INSTALLED


def test_the_place_of_the_packages_and_their_bytecode_do_not(copies: Path) -> None:
    (copies / "shared/__pycache__").mkdir()
    (copies / "shared/__pycache__/baskets.cpython-313.pyc").write_bytes(b"compiled")

    assert rules_revision(DAYS) == INSTALLED
