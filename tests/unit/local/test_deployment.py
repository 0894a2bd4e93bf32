"""How parameters are quoted for make and SAM, and when there is nothing to deploy."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cafe.local import deployment, processes
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


@pytest.fixture
def builds(checkout: Layout, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The targets of make that were run. They leave an empty build folder."""
    ran: list[str] = []

    def make(_layout: Layout, target: str, *_arguments: object, **_named: object) -> None:
        ran.append(target)
        checkout.build.mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(deployment, "_make", make)
    return ran


def test_sources_that_are_built_are_not_built_again_by_another_workspace(checkout: Layout, builds: list[str]) -> None:
    deployment.build(checkout, local_parameters())
    deployment.build(replace(checkout, workspace="other"), {**local_parameters(), "MaxReceiveCount": "3"})

    assert builds == ["sam-build"]


def by_an_edit(checkout: Layout) -> dict[str, str]:
    edit(checkout)
    return {}


def by_another_build(checkout: Layout) -> dict[str, str]:
    # `sam build` empties the folder.
    (checkout.build / deployment.BUILT_FROM).unlink()
    return {}


def by_another_processor(_checkout: Layout) -> dict[str, str]:
    return {"Architecture": "riscv"}


@pytest.mark.parametrize("changed", [by_an_edit, by_another_build, by_another_processor])
def test_what_is_built_is_built_again_if_it_may_differ(
    checkout: Layout, builds: list[str], changed: Callable[[Layout], dict[str, str]]
) -> None:
    deployment.build(checkout, local_parameters())
    parameters = {**local_parameters(), **changed(checkout)}

    deployment.build(checkout, parameters)

    assert builds == ["sam-build"] * 2


def test_a_build_that_fails_does_not_count_as_built(
    checkout: Layout, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.build(checkout, local_parameters())
    edit(checkout)
    with monkeypatch.context() as patch:
        patch.setattr(deployment, "_make", lambda *_arguments, **_named: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            deployment.build(checkout, local_parameters())
    (checkout.root / "src" / "load" / "handler.py").write_text("first")

    deployment.build(checkout, local_parameters())

    assert builds == ["sam-build"] * 2


def test_the_folders_that_sam_leaves_behind_are_in_the_run_folder(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    def run(*_arguments: object, environment: dict[str, str], **_named: object) -> int:
        seen.update(environment)
        checkout.build.mkdir(parents=True, exist_ok=True)
        return 0

    monkeypatch.setattr(processes, "run", run)

    deployment.build(checkout, local_parameters())

    assert Path(seen["TMPDIR"]).is_relative_to(checkout.run)
    assert Path(seen["TMPDIR"]).is_dir()
