"""What becomes of tables, keys and prose on a narrow screen: figures never break, and keys never look alike."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from cafe.terminal import presentation
from cafe.terminal.fitting import GAP, KEY_FLOOR, Kind, fit_columns, fold_words, shorten_key
from cafe.terminal.presentation import plain, table
from cafe.warehouse.port import Column, QueryResult

KEY = "head-office/2026/11/20/newcastle_upon_tyne_20-11-2026_08-00-00.csv"
keys = some.text(some.sampled_from("abc/_-.2026é店"), min_size=1, max_size=90)


def shown(grid: presentation.Listing, width: int) -> str:
    written = io.StringIO()
    presentation.EscapingConsole(file=written, width=width).print(grid)
    return written.getvalue()


def of_files(*rows: tuple[str, ...]) -> presentation.Listing:
    figures = ("rows in", "loaded", "duplicate", "rejected", "loaded £")
    grid = table("file", "outcome", *figures, right=figures, keys=["file"])
    for row in rows:
        grid.add_row(*row)
    return grid


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (66, KEY),
        (60, "head-office/…/newcastle_upon_tyne_20-11-2026_08-00-00.csv"),
        (50, "…/newcastle_upon_tyne_20-11-2026_08-00-00.csv"),
        (43, "newcastle_upon_tyne_20-11-2026_08-00-00.csv"),
        (32, "newcastle_upon_tyne…08-00-00.csv"),
    ],
    ids=["whole", "folders", "all folders", "name", "cut name"],
)
def test_a_key_loses_its_folders_before_its_name(width: int, expected: str) -> None:
    assert shorten_key(KEY, width) == expected


@given(key=keys, width=some.integers(KEY_FLOOR, 90))
def test_a_key_never_needs_more_room_than_there_is(key: str, width: int) -> None:
    assert cell_len(shorten_key(key, width)) <= width


@given(
    rows=some.lists(some.tuples(keys, some.integers(0, 10**9), some.integers(0, 9)), min_size=1, max_size=5),
    width=some.integers(20, 120),
)
def test_no_figure_breaks_and_no_line_is_too_wide(rows: list[tuple[str, int, int]], width: int) -> None:
    grid = table("file", "rows", "rejected", right=["rows", "rejected"], keys=["file"])
    for key, count, rejected in rows:
        grid.add_row(key, f"{count:,}", f"{rejected}")

    text = shown(grid, width)

    assert all(f"{count:,}" in text for _, count, _ in rows if count)
    is_table = text.startswith("file")
    assert not is_table or all(cell_len(line) <= width or "not shown" in line for line in text.splitlines())


@given(found=some.sets(keys, min_size=2, max_size=6), width=some.integers(KEY_FLOOR, 90))
def test_two_keys_never_look_alike(found: set[str], width: int) -> None:
    fit = fit_columns([Kind.KEY, Kind.FIGURE], [["key", *found], ["n", *("1" for _ in found)]], width)

    if fit is not None:
        assert len({shorten_key(key, fit.widths[0]) for key in found}) == len(found)


def test_columns_of_zeros_are_left_out_where_there_is_no_room_and_named() -> None:
    text = shown(of_files((KEY, "loaded", "386", "386", "0", "0", "2,004.75")), 80)

    heading, row, note = text.splitlines()
    assert heading.split() == ["file", "outcome", "rows", "in", "loaded", "loaded", "£"]
    assert row.split()[1:] == ["loaded", "386", "386", "2,004.75"]
    assert note == "not shown, 0 or nothing in every row: duplicate, rejected"


def test_columns_of_zeros_are_shown_where_there_is_room() -> None:
    assert "duplicate" in shown(of_files((KEY, "loaded", "386", "386", "0", "0", "2,004.75")), 140).splitlines()[0]


def test_a_table_that_does_not_fit_becomes_records_headed_by_the_whole_key() -> None:
    text = shown(of_files((KEY, "loaded", "386", "380", "4", "2", "2,004.75")), 60)

    assert text.splitlines()[0] == KEY
    assert "  duplicate  4" in text.splitlines()


def test_a_spare_column_is_left_out_last_and_named() -> None:
    grid = table("key", "written (UTC)", "version", keys=["key"], spare=["version"])
    grid.add_row(KEY, "2026-11-26 23:30:21", "825acbd3-5c6d-4df1-9229-0f027bb078f0")

    text = shown(grid, 80)

    assert "2026-11-26 23:30:21" in text
    assert "825acbd3" not in text
    assert text.splitlines()[-1] == "not shown, no room: version"


def test_prose_is_folded_at_blanks_beside_figures() -> None:
    grid = table("line", "detail", right=["line"], prose=["detail"])
    grid.add_row("1,234", "columns seen: Customer Name, Drink, Quantity")

    first, *rest = shown(grid, 40).splitlines()[1:]

    assert first.startswith("1,234  columns seen:")
    assert [line[: 4 + GAP] for line in rest] == [" " * 6] * len(rest)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Fix the row and send it", ["Fix the row", "and send it"]),
        ("Then type: cafe trace leeds.csv", ["Then type:", "cafe trace leeds.csv"]),
        ("Run `cafe up --json` again", ["Run", "`cafe up --json`", "again"]),
        ("  cafe env sam local invoke X", ["  cafe env sam local invoke X"]),
    ],
    ids=["prose", "a command at the end", "a command in backticks", "a command alone"],
)
def test_prose_is_folded_at_blanks_and_commands_to_copy_stay_whole(text: str, lines: list[str]) -> None:
    folded = [text[start:end] for start, end in fold_words(text, 13)]

    assert [line.rstrip() for line in folded] == lines


@given(words=some.lists(some.text("abc£é", min_size=1, max_size=30), min_size=1), width=some.integers(10, 40))
def test_folding_loses_no_word(words: list[str], width: int) -> None:
    text = " ".join(words)

    assert " ".join(text[start:end] for start, end in fold_words(text, width, 2)) == text


def test_an_error_is_folded_on_a_terminal_and_whole_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    written: dict[str, Any] = {"terminal": Screen(), "pipe": io.StringIO()}
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    for stream in written.values():
        console = presentation.EscapingConsole(file=stream, width=30)
        presentation.say(console, plain("A sentence of some words that is longer than a line."), 2)

    assert written["terminal"].getvalue().splitlines() == ["A sentence of some words that", "  is longer than a line."]
    assert written["pipe"].getvalue() == "A sentence of some words that is longer than a line.\n"


def test_no_color_means_no_colour_and_nothing_bold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    written = {}
    for wish in ("", "1"):
        monkeypatch.setenv("NO_COLOR", wish)
        stream = io.StringIO()
        console = presentation.EscapingConsole(file=stream, width=80, force_terminal=True)
        console.print(plain("bold", "bold red"))
        console.print(of_files((KEY, "loaded", "1", "1", "1", "1", "1")))
        written[wish] = stream.getvalue()

    assert "\x1b[" in written[""]
    assert "\x1b" not in written["1"]


def test_the_columns_of_a_query_are_never_left_out() -> None:
    names = [f"a_rather_long_column_{number}" for number in range(5)]
    result = QueryResult(tuple(Column(name, "int8") for name in names), [(0, 0, 0, 0, 0)])

    text = shown(presentation.result_table(result), 80)

    assert all(name in text for name in names)
    assert "not shown" not in text
