"""Workspaces: their names, their folders, which one a command uses, and what an earlier version left."""

from dataclasses import replace
from pathlib import Path

import pytest

from cafe.errors import CafeError
from cafe.local import earlier, layout, workspaces
from cafe.local.errors import LocalStackError
from cafe.local.layout import BENCH, DEMO, MAIN, PREVIEW, WORKSPACE_VARIABLE, Layout, checked_name, checkout, using
from cafe.local.removal import remove_folder

# What belongs to the checkout. All else belongs to one workspace.
SHARED = {"root", "other_home", "home", "build", "sam_config", "emulator_python", "runtime_python"}


@pytest.fixture
def main(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "checkout", tmp_path / "home")


@pytest.mark.parametrize("name", [MAIN, DEMO, PREVIEW, BENCH, "a", "tills-2026", "7", "a" * 40])
def test_a_name_of_letters_digits_and_hyphens_is_good(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Tills",
        "a b",
        "a_b",
        "..",
        ".",
        "-a",
        "a-",
        "a--b",
        "a/b",
        "café",
        "a\n",
        "a" * 41,
        "postgres",
        "run",
        "logs",
    ],
)
def test_any_other_name_is_refused_because_it_becomes_a_folder(name: str) -> None:
    with pytest.raises(CafeError, match="A workspace cannot be called"):
        checked_name(name)


def test_two_workspaces_share_no_file_or_folder(main: Layout) -> None:
    other = replace(main, workspace="other")
    places = [name for name in dir(Layout) if isinstance(getattr(Layout, name), property)]
    own = {name for name in places if isinstance(getattr(main, name), Path)} - SHARED

    assert own >= {"state", "run", "warehouse", "postgres", "tls", "logs", "root_keys", "page", "aws_config"}
    assert not [name for name in own if not getattr(main, name).is_relative_to(main.state)]
    assert not [name for name in own if getattr(other, name).is_relative_to(main.state)]


@pytest.mark.parametrize(
    ("option", "variable", "used", "to_type"),
    [
        (None, None, "main", ""),
        (None, "tills", "tills", ""),
        ("try", None, "try", "--workspace try"),
        ("try", "tills", "try", "--workspace try"),
        ("main", "tills", "main", "--workspace main"),
        ("tills", "tills", "tills", ""),
    ],
)
def test_the_option_goes_before_the_variable_and_is_typed_where_the_variable_is_not_enough(
    monkeypatch: pytest.MonkeyPatch, option: str | None, variable: str | None, used: str, to_type: str
) -> None:
    if variable is not None:
        monkeypatch.setenv(WORKSPACE_VARIABLE, variable)

    with using(option):
        assert checkout().workspace == used
        assert layout.workspace_option() == to_type
    assert checkout().workspace == (variable or MAIN)


def test_a_bad_name_in_the_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, "../other")

    with pytest.raises(CafeError, match="A workspace cannot be called"):
        checkout()


def test_all_folders_that_can_be_workspaces_are_listed(main: Layout) -> None:
    for name in ("main", "b-2", "postgres", ".removed-x-1", "No"):
        (main.home / name).mkdir(parents=True)
    (main.home / "dashboards.html").touch()

    found = workspaces.found(main)

    assert [(one.name, one.stack, one.ports, one.last_used) for one in found] == [
        ("b-2", None, {}, None),
        ("main", None, {}, None),
    ]


def test_the_size_of_a_workspace_is_what_its_files_take_on_disk(main: Layout) -> None:
    (main.state / "logs").mkdir(parents=True)
    (main.state / "logs" / "postgres.log").write_bytes(b"x" * 10_000)

    [one] = workspaces.found(main)

    assert 10_000 <= one.size_bytes <= 100_000


def test_a_workspace_is_removed_with_its_files_and_no_other(main: Layout) -> None:
    other = replace(main, workspace="main-2")
    for one in (main, other):
        (one.state / "postgres").mkdir(parents=True)

    assert workspaces.remove(main) == []

    assert [folder.name for folder in main.home.iterdir()] == ["main-2"]
    with pytest.raises(CafeError, match=r"There is no workspace main\. There are: main-2\."):
        workspaces.remove(main)


def test_what_an_interrupted_removal_left_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").touch()
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda *_arguments: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            remove_folder(folder)
    assert not folder.exists(), "no half of it is left under its name"

    remove_folder(folder)

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def earlier_warehouse(main: Layout) -> Path:
    """What an earlier version kept: one stack, directly in the folder of all workspaces."""
    data = main.home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16")
    (main.home / "run").mkdir()
    (main.home / "run" / "root-keys.json").touch()
    (main.home / "stack.json").write_text("{}")
    return data


def test_the_warehouse_of_an_earlier_version_becomes_that_of_main(main: Layout, earlier_warehouse: Path) -> None:
    earlier.move(replace(main, workspace="other"))
    assert earlier_warehouse.exists(), "it is main's"

    earlier.move(main)

    assert (main.postgres / "PG_VERSION").read_text() == "16"
    assert [path.name for path in main.home.iterdir()] == ["main"]
    earlier.move(main)


def test_an_interrupted_move_is_continued(
    main: Layout, earlier_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(earlier, "_remove", lambda _path: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            earlier.move(main)
    assert not earlier_warehouse.exists()

    earlier.move(main)

    assert (main.postgres / "PG_VERSION").exists()
    assert not earlier.is_there(main)


@pytest.mark.usefixtures("earlier_warehouse")
def test_two_warehouses_are_both_kept_until_a_person_chooses(main: Layout) -> None:
    main.postgres.mkdir(parents=True)

    with pytest.raises(LocalStackError, match="There are two warehouses"):
        earlier.move(main)

    assert (main.home / "postgres" / "data" / "PG_VERSION").exists()
    assert main.postgres.exists()
