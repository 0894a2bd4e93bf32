"""The bench beside peers compares only sides that wrote the same sales, and takes the ratios of runs of one round."""

import os
from pathlib import Path

import pytest

from bench.peers import stages
from bench.peers.comparing import Comparison, DifferentOutput, check_same
from bench.peers.running import WITHOUT_BYTECODE, Cost, PeersNotInstalled, environment_of, peers_python, sums, timed
from cafe.generate.dialects import Dialect
from cafe.generate.history import plan
from cafe.generate.writing import write_file

SALES = {"orders": 2, "items": 3, "item_pence": 500, "days": {"Leeds 2026-11-20": [2, 500]}}


@pytest.fixture(scope="module")
def branch_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("peers") / "branch.csv"
    write_file(plan(feed=Dialect().feed, seed=1, branches=2, orders=60), Dialect(), path, seed=1)
    return path


@pytest.mark.parametrize("peer", stages.PEERS, ids=lambda peer: peer.workload)
def test_a_peer_writes_the_same_sales_as_the_pipeline(branch_file: Path, tmp_path: Path, peer: stages.Side) -> None:
    try:
        peers_python()
    except PeersNotInstalled:
        if os.environ.get("PEERS_TESTS") == "required":
            raise
        pytest.skip("the peers are not installed: make test-peers")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"

    timed(stages.OURS.workload, branch_file, ours, is_ours=True)
    cost = timed(peer.workload, branch_file, theirs, is_ours=peer.is_ours)

    written = sums(stages.OURS.form, ours)
    assert written["orders"] == 60
    check_same(peer.name, written, sums(peer.form, theirs))
    assert cost.peak_megabytes is not None
    assert cost.peak_megabytes > 1


@pytest.mark.parametrize("name", SALES)
def test_a_peer_that_wrote_other_sales_has_no_time(name: str) -> None:
    with pytest.raises(DifferentOutput, match=f"differ in {name}"):
        check_same("a peer", SALES, SALES | {name: 1})


def test_what_a_peer_leaves_out_is_not_compared() -> None:
    check_same("a peer", SALES, SALES | {"items": None, "item_pence": None})


def test_nothing_is_compared_if_no_order_was_written() -> None:
    with pytest.raises(DifferentOutput):
        check_same("a peer", {"orders": 0}, {"orders": 0})


@pytest.mark.parametrize("is_ours", [True, False])
def test_no_side_compiles_its_modules_again_in_each_run(monkeypatch: pytest.MonkeyPatch, is_ours: bool) -> None:
    for name in WITHOUT_BYTECODE:
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LANG", "C.UTF-8")

    environment = environment_of(is_ours=is_ours)

    assert environment["LANG"] == "C.UTF-8"
    assert not environment.keys() & set(WITHOUT_BYTECODE)


def test_a_ratio_is_of_the_runs_of_one_round() -> None:
    ours, theirs = ((Cost(1, 1, 50), Cost(4, 1, 50), Cost(2, 1, 50)), (Cost(2, 3, 90), Cost(4, 3, 90), Cost(6, 3, 90)))

    found = Comparison("task", 60, "peer", "", ours, theirs).document()

    assert found["times_as_long"] == {"median": 2, "min": 1, "max": 3}
    assert found["theirs"]["seconds"] == 4
    assert found["ours"]["peak_megabytes"] == 50


def test_a_peak_that_nobody_measured_stays_unknown() -> None:
    found = Comparison("task", 60, "peer", "", (Cost(1, 1, None),), (Cost(2, 3, 90),)).document()

    assert found["ours"]["peak_megabytes"] is None
    assert found["theirs"]["peak_megabytes"] == 90


def test_the_sides_take_turns_to_go_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    went: list[str] = []
    monkeypatch.setattr(stages, "bench_folder", lambda: tmp_path)
    monkeypatch.setattr(stages, "provide", lambda file: tmp_path / f"{file.rows}.csv")
    monkeypatch.setattr(stages, "sums", lambda *_: SALES)

    def timed(name: str, *_: object, **__: object) -> Cost:
        went.append(name)
        return Cost(1, 1, 1)

    monkeypatch.setattr(stages, "timed", timed)

    stages.compare(60, rounds=2)

    sides = [stages.OURS.workload, *(peer.workload for peer in stages.PEERS)]
    # First each once, unmeasured.
    assert went == sides + sides + sides[1:] + sides[:1]
