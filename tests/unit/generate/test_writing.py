"""Files on disk are complete or absent, have their keys in the drop bucket, and are written in bounded memory."""

import gzip
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cafe.generate import rows
from cafe.generate.dialects import NAMED_DIALECTS, Dialect, Feed, Layout
from cafe.generate.history import orders_of, plan
from cafe.generate.rendering import render
from cafe.generate.writing import fault_plan, write_file, write_folder, write_whole


def test_a_folder_gets_one_file_per_branch_day_under_its_key(tmp_path: Path) -> None:
    written = write_folder(plan(feed=Feed.B, seed=1, branches=2, days=2, orders=8), Dialect(), tmp_path, seed=1)

    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == [
        "2026/11/19/bradford_19-11-2026_08-00-00.csv",
        "2026/11/19/london_brixton_19-11-2026_08-00-00.csv",
        "2026/11/20/bradford_20-11-2026_08-00-00.csv",
        "2026/11/20/london_brixton_20-11-2026_08-00-00.csv",
    ]
    assert (written.files, written.rows, written.broken_rows) == (4, 8, 0)
    assert written.bytes == sum((tmp_path / file).stat().st_size for file in files)


def test_one_file_holds_what_the_renderer_prints(tmp_path: Path) -> None:
    branch_days = plan(feed=Feed.B, seed=1, branches=2, orders=1_500)

    written = write_file(branch_days, Dialect(), tmp_path / "all.csv", seed=1)

    assert (tmp_path / "all.csv").read_bytes() == b"".join(render(orders_of(branch_days), Dialect()))
    assert written.pence == sum(order.pence for order in orders_of(branch_days))
    assert (written.files, written.rows) == (1, 1_500)


@pytest.mark.parametrize("name", ["genuine", "exploded", "bom", "gzip"])
def test_shuffling_on_disk_keeps_every_order_and_depends_on_the_seed_only(tmp_path: Path, name: str) -> None:
    dialect = NAMED_DIALECTS[name].dialect
    branch_days = plan(feed=Feed.B, seed=1, branches=2, orders=400)

    for number in (1, 2):
        write_file(branch_days, replace(dialect, shuffled=True), tmp_path / f"{number}.csv", seed=9)

    first, second = ((tmp_path / f"{number}.csv").read_bytes() for number in (1, 2))
    plain = b"".join(render(orders_of(branch_days), dialect))
    assert first == second
    assert lines_of(first) != lines_of(plain)
    assert sorted(lines_of(first)) == sorted(lines_of(plain))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.csv", "2.csv"]


def lines_of(content: bytes) -> list[str]:
    unpacked = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    return unpacked.decode("utf-8-sig").splitlines()


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_REMEMBERED", 1_000)  # so that a short file fills the cache of printed texts

    def peak_of(orders: int) -> int:
        tracemalloc.reset_peak()
        write_file(plan(feed=Feed.B, seed=1, branches=1, orders=orders), Dialect(), tmp_path / "all.csv", seed=1)
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peaks = [peak_of(orders) for orders in (4_000, 16_000)]
    finally:
        tracemalloc.stop()

    assert peaks[1] < peaks[0] * 1.5


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError], ids=["Ctrl-C", "disk full"])
def test_an_interrupted_file_leaves_nothing_behind(tmp_path: Path, interruption: type[BaseException]) -> None:
    def interrupted() -> Iterator[bytes]:
        yield b"half a file"
        raise interruption

    with pytest.raises(interruption):
        write_whole(tmp_path / "half.csv", interrupted())

    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_file_leaves_the_older_one_unchanged(tmp_path: Path) -> None:
    def interrupted() -> Iterator[bytes]:
        yield b"half a file"
        raise KeyboardInterrupt

    (tmp_path / "night.csv").write_bytes(b"older")
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "night.csv", interrupted())

    assert (tmp_path / "night.csv").read_bytes() == b"older"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("shuffled", [False, True], ids=["sorted", "shuffled"])
def test_an_interrupted_history_leaves_nothing_behind(tmp_path: Path, shuffled: bool) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(
            plan(feed=Feed.B, seed=1, branches=2),
            Dialect(shuffled=shuffled),
            tmp_path / "all.csv",
            seed=1,
            advance=interrupt,
        )

    assert list(tmp_path.iterdir()) == []


def test_broken_rows_are_counted_separately(tmp_path: Path) -> None:
    branch_days = plan(feed=Feed.B, seed=1, branches=1, orders=10)

    broken = write_file(branch_days, Dialect(), tmp_path / "b.csv", seed=1, faults=fault_plan(5))
    foreign = write_file(branch_days, Dialect(layout=Layout.FOREIGN), tmp_path / "f.csv", seed=1)

    good = [order.pence for place, order in enumerate(orders_of(branch_days), 1) if place % 5]
    assert (broken.rows, broken.broken_rows, broken.pence) == (10, 2, sum(good))
    assert (foreign.rows, foreign.broken_rows, foreign.pence) == (10, 10, 0)
