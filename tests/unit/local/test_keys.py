"""The keys of the twin: random, like AWS's, and for their owner only."""

import re
from pathlib import Path

import pytest

from cafe.errors import StackNotUp
from cafe.local import keys
from cafe.local.layout import Layout
from cafe.local.private_files import make_private, write_private


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_keys_look_like_those_of_aws_and_are_new_each_time(layout: Layout) -> None:
    made = [keys.make(layout) for _ in range(20)]

    assert all(re.fullmatch("AKIA[A-Z2-7]{16}", root.access_key_id) for root in made)
    assert all(len(root.secret_access_key) == 40 for root in made)
    assert len({root.access_key_id for root in made}) == len({root.secret_access_key for root in made}) == 20


def test_what_was_made_last_is_read(layout: Layout) -> None:
    keys.make(layout)
    old_token = keys.read_token(layout)

    assert keys.make(layout) == keys.read(layout)
    assert keys.read_token(layout) != old_token


def test_only_the_owner_can_read_them(layout: Layout) -> None:
    layout.run.mkdir(mode=0o755, parents=True)
    layout.root_keys.write_text("left by another version")
    layout.root_keys.chmod(0o644)

    keys.make(layout)

    assert {mode_of(file) for file in (layout.root_keys, layout.control_token)} == {0o600}
    assert mode_of(layout.run) == 0o700
    assert {file.name for file in layout.run.iterdir()} == {"root-keys.json", "control.token"}, "no draft is left"


def test_without_keys_the_remedy_is_to_start_the_stack(layout: Layout) -> None:
    with pytest.raises(StackNotUp, match="workspace main is not up") as missing:
        keys.read(layout)

    assert "cafe up" in missing.value.remedy


def test_a_private_file_is_private_under_any_mask_and_in_a_folder_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "new" / "file"

    write_private(file, "first")
    file.chmod(0o666)
    write_private(file, "second")

    assert (file.read_text(), mode_of(file), mode_of(file.parent)) == ("second", 0o600, 0o700)


def test_a_folder_that_others_can_enter_is_closed_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o777)

    make_private(folder)

    assert mode_of(folder) == 0o700
