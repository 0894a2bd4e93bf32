"""Every mistake still applies: its text occurs once in its file, and its tests exist."""

from pathlib import Path

import pytest

from sabotage.mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mistake_still_applies(mutant: Mutant) -> None:
    assert mutant.applied_to(ROOT) != (ROOT / mutant.path).read_text(encoding="utf-8")
    assert all((ROOT / test).exists() for test in mutant.tests)


def test_there_are_many_mistakes_with_different_names() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20
    assert sum(mutant.path.endswith(".sql") for mutant in MUTANTS) >= 6


def test_a_mistake_whose_text_is_gone_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 times"):
        Mutant("gone", "pyproject.toml", "no such text", "", ()).applied_to(ROOT)
