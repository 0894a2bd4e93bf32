"""The benchmarks measure what they say, and a missed limit is an exit code."""

from itertools import batched
from pathlib import Path

import pytest
import typer

from bench import dialects, history, workloads
from bench.__main__ import MISSED, Part, main
from bench.branch_files import BranchFile
from bench.contents import contents_of
from bench.folder_aws import WRITTEN_AT
from cafe.generate.dialects import Dialect
from cafe.generate.history import LAST_DAY, orders_of, plan
from cafe.generate.rendering import render
from extract.dialects.catalogue import shipped

ROWS = 60


def test_the_stages_that_are_measured_write_every_order(tmp_path: Path) -> None:
    branch_file = tmp_path / "branch.csv"
    orders = orders_of(plan(feed=Dialect().feed, seed=1, branches=2, orders=ROWS))
    branch_file.write_bytes(b"".join(render(orders, Dialect())))

    result = workloads.stages(branch_file, tmp_path)

    assert contents_of(tmp_path).orders == result["rows"] == ROWS


def test_a_history_in_many_files_is_measured_whole(tmp_path: Path) -> None:
    lines = b"".join(render(orders_of(plan(feed=Dialect().feed, seed=1, branches=2, orders=ROWS)), Dialect()))
    parts = tmp_path / "parts"
    parts.mkdir()
    for number, some in enumerate(batched(lines.splitlines(keepends=True), ROWS // 2, strict=False)):
        (parts / f"{number}.csv").write_bytes(b"".join(some))

    result = workloads.stages_of_many(parts, tmp_path / "out")

    assert result["rows"] == ROWS
    with pytest.raises(history.RowsMissing):
        history._complete(result, BranchFile(ROWS + 1))


def test_every_dialect_but_the_base_is_measured() -> None:
    figures = dialects.measure(rows=ROWS, rounds=1)

    names = {document.name for document in shipped().documents} - {dialects.BASE}
    assert len(figures) == len(names)
    assert all(any(f"a line of {name}," in figure.name for figure in figures) for name in names)


@pytest.mark.parametrize(("slowness", "is_missed"), [(2.9, False), (3.1, True)])
def test_a_dialect_that_is_too_slow_misses_its_limit(
    monkeypatch: pytest.MonkeyPatch, slowness: float, is_missed: bool
) -> None:
    monkeypatch.setattr(dialects, "_microseconds_a_line", lambda name, _body: slowness if name == "tabs" else 1.0)
    missed = None

    try:
        main([Part.DIALECTS], rows=ROWS, rounds=1)
    except typer.Exit as end:
        missed = end.exit_code

    assert missed == (MISSED if is_missed else None)


def test_a_dialect_that_is_not_read_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialects, "write_as", lambda orders, _document: b"".join(render(orders, Dialect())))

    with pytest.raises(dialects.DialectNotRead):
        dialects.measure(rows=ROWS, rounds=1)


def test_the_benches_files_were_written_on_the_evening_of_their_last_day() -> None:
    assert WRITTEN_AT.date() == LAST_DAY
