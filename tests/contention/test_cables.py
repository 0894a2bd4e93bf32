"""Each kind of broken connection at each place around the commit."""

from random import Random

import pytest

from contention import cables
from contention.ground import Ground
from contention.proxy import Cut
from contention.races import Outcome

# The driver leaves a socket whose peer is gone to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def run_with_cuts(ground: Ground, monkeypatch: pytest.MonkeyPatch, kind: str, at: str, after_bytes: int = 0) -> Outcome:
    """Run a workload whose first two connections are cut in the same way."""
    cuts = [Cut(kind, at, after_bytes)] * 2

    def the_first_two(_: Random) -> list[Cut]:
        return [cuts.pop()] if cuts else []

    monkeypatch.setattr(cables, "draw_cuts", the_first_two)
    outcome, made = cables.run_cuts(ground, seed=5)
    assert made.total() == 2
    return outcome


@pytest.mark.parametrize("kind", cables.KINDS)
@pytest.mark.parametrize("after_bytes", [700, 4000], ids=["early", "late"])
def test_F46_a_connection_cut_before_commit_is_rolled_back_and_tried_again(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, kind: str, after_bytes: int
) -> None:
    assert run_with_cuts(ground, monkeypatch, kind, "bytes", after_bytes).is_right


@pytest.mark.parametrize("kind", ["reset", "close"])
@pytest.mark.parametrize("at", ["before commit", "with commit", "after commit"])
def test_F47_after_a_cut_around_commit_the_ledger_prevents_a_second_load(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, kind: str, at: str
) -> None:
    assert run_with_cuts(ground, monkeypatch, kind, at).is_right


@pytest.mark.parametrize("at", ["before commit", "after commit"])
def test_F48_the_socket_timeout_ends_a_half_open_connection(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    assert run_with_cuts(ground, monkeypatch, "half-open", at).is_right
