"""The patches refuse a ministack that they were not written for, and say what to do about it."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cafe.local.layout import checkout
from patched_ministack import seams
from patched_ministack.seams import SEAMS, VERSION, IncompatibleMinistack

ROOT = Path(__file__).parents[3]


@pytest.fixture
def ministack(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """A ministack of the expected version, in which every name is present."""
    modules = {seam.module: ModuleType(f"ministack.{seam.module}") for seam in SEAMS}
    for seam in SEAMS:
        setattr(modules[seam.module], seam.name, "stock")
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, f"ministack.{name}", module)
    monkeypatch.setattr(importlib.metadata, "version", lambda _distribution: VERSION)
    return modules


@pytest.mark.usefixtures("ministack")
def test_the_expected_version_with_every_name_is_accepted() -> None:
    seams.check()


@pytest.mark.usefixtures("ministack")
def test_another_version_is_refused_even_if_every_name_is_present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _distribution: "9.0.0")

    with pytest.raises(IncompatibleMinistack) as refused:
        seams.check()

    message = str(refused.value)
    assert f"written for ministack {VERSION}; ministack 9.0.0 is installed" in message
    assert f"pin ministack=={VERSION} in requirements/emulator.in" in message
    assert "port the patches" in message


def test_a_missing_name_is_refused_with_the_patch_that_needs_it(ministack: dict[str, ModuleType]) -> None:
    del ministack["services.cloudwatch"]._evaluate_alarm

    with pytest.raises(IncompatibleMinistack) as refused:
        seams.check()

    assert refused.value.missing == [seams.EVALUATE_ALARM]
    missing = "Missing: ministack.services.cloudwatch._evaluate_alarm (used by patched_ministack/alarms.py)"
    assert missing in str(refused.value)


@pytest.mark.usefixtures("ministack")
def test_a_missing_module_misses_all_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ministack.services.ec2", None)

    with pytest.raises(IncompatibleMinistack) as refused:
        seams.check()

    assert refused.value.missing == [seam for seam in SEAMS if seam.module == "services.ec2"]


def test_a_replaced_name_is_replaced_where_ministack_looks_it_up(ministack: dict[str, ModuleType]) -> None:
    seams.EVALUATE_ALARM.replace(str.upper)

    assert ministack["services.cloudwatch"]._evaluate_alarm is str.upper
    assert seams.EVALUATE_ALARM("ok") == "OK"


def test_the_emulator_refuses_to_start_without_a_name() -> None:
    program = (
        "import runpy; from ministack.services import cloudwatch; del cloudwatch._evaluate_alarm;"
        "runpy.run_module('patched_ministack', run_name='__main__')"
    )

    started = subprocess.run(
        [checkout().emulator_python, "-c", program], cwd=ROOT, capture_output=True, check=False, text=True
    )

    assert started.returncode == 1
    assert "Missing: ministack.services.cloudwatch._evaluate_alarm" in started.stderr
    assert "Traceback" not in started.stderr


def test_the_version_is_the_one_that_is_pinned() -> None:
    pins = re.findall(r"^ministack==(\S+)$", (ROOT / "requirements/emulator.in").read_text("utf-8"), re.MULTILINE)

    assert pins == [VERSION]


def test_every_seam_names_a_patch_that_exists_and_uses_it() -> None:
    names = {name: value for name, value in vars(seams).items() if isinstance(value, seams.Seam)}

    unused = [
        name
        for name, seam in names.items()
        if f"seams.{name}" not in (ROOT / "patched_ministack" / f"{seam.patch}.py").read_text("utf-8")
    ]

    assert unused == []
