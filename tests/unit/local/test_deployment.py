"""How parameters are quoted for make and SAM, and when there is nothing to deploy."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from cafe.local.deployment import fingerprint, local_parameters, parameter_overrides
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout


@pytest.fixture
def checkout(tmp_path: Path) -> Layout:
    (tmp_path / "src" / "load" / "sql").mkdir(parents=True)
    (tmp_path / "src" / "load" / "handler.py").write_text("first")
    (tmp_path / "template.yaml").write_text("Resources: {}")
    return Layout(tmp_path)


def test_parameters_reach_sam_as_one_argument_each() -> None:
    quoted = parameter_overrides({"Environment": "dev", "CheckSchedule": "rate(1 minute)"})

    assert shlex.split(quoted) == ["Environment=dev", 'CheckSchedule="rate(1 minute)"']


@pytest.mark.parametrize("value", ["$(id)", "a'b", 'a"b', "a\nb", "a\\b"])
def test_a_value_that_the_shell_would_interpret_is_refused(value: str) -> None:
    with pytest.raises(LocalStackError, match="CheckSchedule"):
        parameter_overrides({"CheckSchedule": value})


def test_a_name_with_a_space_is_refused() -> None:
    with pytest.raises(LocalStackError):
        parameter_overrides({"A B": "1"})


def test_the_local_parameters_name_this_processor_and_wait_for_no_more_files() -> None:
    parameters = local_parameters()

    assert parameters["Architecture"] in {"arm64", "x86_64"}
    assert parameters["LoadBatchingWindowSeconds"] == "0"


def test_unchanged_sources_have_the_same_fingerprint(checkout: Layout) -> None:
    assert fingerprint(checkout, {"A": "1"}) == fingerprint(checkout, {"A": "1"})


def edit(checkout: Layout) -> None:
    (checkout.root / "src" / "load" / "handler.py").write_text("second")


def add(checkout: Layout) -> None:
    (checkout.root / "src" / "load" / "sql" / "0002.sql").write_text("")


def move(checkout: Layout) -> None:
    (checkout.root / "src" / "load" / "handler.py").rename(checkout.root / "src" / "load" / "other.py")


def change_template(checkout: Layout) -> None:
    (checkout.root / "template.yaml").write_text("Resources: {A: {}}")


@pytest.mark.parametrize("change", [edit, add, move, change_template])
def test_changed_sources_have_another_fingerprint(checkout: Layout, change: Callable[[Layout], None]) -> None:
    before = fingerprint(checkout, {})

    change(checkout)

    assert fingerprint(checkout, {}) != before


def test_other_parameters_have_another_fingerprint(checkout: Layout) -> None:
    assert fingerprint(checkout, {"A": "1"}) != fingerprint(checkout, {"A": "2"})


def test_bytecode_does_not_change_the_fingerprint(checkout: Layout) -> None:
    before = fingerprint(checkout, {})
    (checkout.root / "src" / "load" / "__pycache__").mkdir()
    (checkout.root / "src" / "load" / "__pycache__" / "handler.pyc").write_text("compiled")

    assert fingerprint(checkout, {}) == before
