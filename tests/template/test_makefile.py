"""The make targets: listed under headings, and run with the defaults that their help states."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILES = [ROOT / "Makefile", *sorted((ROOT / "make").glob("*.mk"))]
# How a target passes on a variable that its help mentions.
OPTIONS = {"SCHEDULES": "--schedules", "CUTS": "--cuts", "FILES": "--files", "KILLS": "--kills", "SEED": "--seed"}


def targets() -> dict[str, str]:
    """Give what each documented target does, by name."""
    lines = "\n".join(makefile.read_text(encoding="utf-8") for makefile in MAKEFILES)
    return dict(re.findall(r"^([a-z-]+):.*## (.*)$", lines, re.MULTILINE))


def make(*arguments: str) -> str:
    """Run make outside the make that may run the tests, and without the variables that set a target's options."""
    hidden = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "FORCE_COLOR", *OPTIONS}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True).stdout


def test_help_lists_every_documented_target_under_a_heading() -> None:
    headings, listed = [], {}
    for line in re.sub(r"\x1b\[\d*m", "", make("help")).splitlines()[1:]:
        if line.startswith("  "):
            name, description = line.split(maxsplit=1)
            listed[name] = description
        elif line:
            headings.append(line)

    assert listed == {name: description for name, description in targets().items() if name != "help"}
    assert {"Checks and tests", "Proofs", "Benches"} <= set(headings)


@pytest.mark.parametrize(
    "target",
    [name for name, description in targets().items() if any(f"{option}=" in description for option in OPTIONS)],
)
def test_a_target_runs_with_the_defaults_that_its_help_states(target: str) -> None:
    stated = re.findall(rf"\b({'|'.join(OPTIONS)})=(\d+)", targets()[target])

    command = make("--dry-run", target).splitlines()[-1]

    assert [
        f"{OPTIONS[name]} {value}" for name, value in stated if f"{OPTIONS[name]} {value} " not in f"{command} "
    ] == []


def test_another_number_of_schedules_replaces_the_default() -> None:
    assert "--schedules 7 " in make("--dry-run", "races", "SCHEDULES=7").splitlines()[-1]


def test_no_target_is_documented_twice() -> None:
    lines = "\n".join(makefile.read_text(encoding="utf-8") for makefile in MAKEFILES)
    names = re.findall(r"^([a-z-]+):.*## ", lines, re.MULTILINE)

    assert len(names) == len(set(names))


def test_every_target_that_builds_or_deploys_by_hand_waits_for_the_others() -> None:
    """`cafe up` calls sam-build and sam-deploy itself, and has the lock then."""
    recipes = re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", MAKEFILES[0].read_text(encoding="utf-8"), re.MULTILINE)
    works = re.compile(r"\bsam build\b|\bsam deploy\b|\$\(MAKE\).* sam-(build|deploy)\b")
    lines = {target: [line for line in recipe.splitlines() if works.search(line)] for target, recipe in recipes}
    by_hand = {target: found for target, found in lines.items() if found and target not in ("sam-build", "sam-deploy")}

    assert by_hand.keys() >= {"build", "deploy", "deploy-built", "plan-built"}
    assert [line for found in by_hand.values() for line in found if not line.startswith("\t$(ALONE) ")] == []
