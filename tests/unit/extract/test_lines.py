"""Bytes to lines: encodings, line ends, compression and their limits."""

import gzip
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.lines import MAX_LINE_CHARACTERS, OVERLONG_LINE, UNREADABLE, LineReader
from extract.rules import FileReason, UnreadableBranchFile


def read(*chunks: bytes) -> tuple[list[str], int]:
    reader = LineReader()
    lines = [line for block in reader.blocks(chunks) for line in block.lines]
    return lines, reader.total_lines


def reason_of(*chunks: bytes) -> FileReason:
    with pytest.raises(UnreadableBranchFile) as caught:
        read(*chunks)
    return caught.value.reason


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\rb\r", ["a", "b"]),
        (b"a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        (b"a\n\n b", ["a", "", " b"]),
        (b"a\n ", ["a", " "]),
        (b"\xef\xbb\xbfa\n", ["a"]),
        (b"a\n\xef\xbb\xbfb\r\n\xef\xbb\xbfc\xef\xbb\xbf", ["a", "b", "c\ufeff"]),
        ("é\u2028ü\n".encode(), ["é\u2028ü"]),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 100])
def test_every_line_end_counts_wherever_the_chunks_are_cut(body: bytes, lines: list[str], chunk_bytes: int) -> None:
    chunks = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]

    assert read(*chunks) == (lines, len(lines))


# Characters with the bytes of a line end, and one of four bytes.
WIDE = ["é\u010a\u0a0a", "", "\u0d0d\u0a00 ☕𝔏\u0d0a", "a"]


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 5, 100])
def test_text_with_its_mark_is_read_wherever_the_chunks_are_cut(line_end: str, encoding: str, chunk_bytes: int) -> None:
    body = f"\ufeff{line_end.join(WIDE)}".encode(encoding)
    chunks = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]

    assert read(*chunks) == (WIDE, 4)
    assert read(gzip.compress(body)) == (WIDE, 4)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_mark_alone_is_no_line(mark: bytes) -> None:
    assert read(mark) == ([], 0)


PIECES = st.sampled_from([b"\r", b"\n", b"a", b"\xe9", b"\xc3\xa9", b"\xe2\x98", b"\xed\xa0\x80", b"\xf0\x9d\x94"])


@given(st.lists(PIECES, max_size=12).map(b"".join), st.integers(1, 5))
def test_bytes_that_are_not_utf8_lose_no_line(body: bytes, chunk_bytes: int) -> None:
    chunks = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]
    expected = re.split(rb"\r\n|\r|\n", body)
    expected = expected if expected[-1] else expected[:-1]

    lines, total = read(*chunks)

    assert [line.encode(errors="surrogateescape") for line in lines] == expected
    assert [bool(UNREADABLE.search(line)) for line in lines] == [not is_utf8(line) for line in expected]
    assert total == len(expected)


def is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("body", [b"", b"a", b"a\n", gzip.compress(b"a\n")], ids=["empty", "open", "ended", "gzip"])
@pytest.mark.parametrize("chunk_bytes", [1, 100])
def test_only_the_last_block_is_marked_as_the_last(body: bytes, chunk_bytes: int) -> None:
    chunks = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]

    blocks = list(LineReader().blocks(chunks))

    assert [block.is_last for block in blocks] == [False] * (len(blocks) - 1) + [True]


def test_gzip_is_expanded_in_any_number_of_members() -> None:
    body = gzip.compress(b"a\nb\n") + gzip.compress(b"c\n") + b"\0" * 512

    assert read(body) == (["a", "b", "c"], 3)
    assert read(*(body[i : i + 1] for i in range(len(body)))) == (["a", "b", "c"], 3)


def test_a_large_gzip_file_is_expanded_whole() -> None:
    body = b"".join(b"%d,some words that vary %d\n" % (n, n * 7919) for n in range(100_000))

    lines, total = read(gzip.compress(body))

    assert total == len(lines) == 100_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("a,b\n".encode("utf-16")[:-1], FileReason.NOT_UTF8),
        (b"\xff\xfe\x00\xd8\n\x00", FileReason.NOT_UTF8),
        ("a,b\n".encode("utf-32"), FileReason.NOT_UTF8),
        (gzip.compress(b"a\n")[:-9], FileReason.BAD_GZIP),
        (b"\x1f\x8bnot gzip at all", FileReason.BAD_GZIP),
        (gzip.compress(b"a\n") + b"rubbish", FileReason.BAD_GZIP),
        (gzip.compress(gzip.compress(b"a\n")), FileReason.BAD_GZIP),
        (gzip.compress(b"a" * 50_000_000), FileReason.TOO_COMPRESSED),
    ],
    ids=["cut UTF-16", "half of a pair", "UTF-32", "cut gzip", "false gzip", "trailing rubbish", "nested gzip", "bomb"],
)
def test_a_file_that_is_damaged_or_in_no_accepted_encoding_is_rejected(body: bytes, reason: FileReason) -> None:
    assert reason_of(body) == reason


def test_a_rejected_file_never_shows_its_unreadable_bytes() -> None:
    with pytest.raises(UnreadableBranchFile) as caught:
        read("Zaphod Planted".encode("utf-16")[:-1])

    assert "Planted" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_beyond_the_size_limit_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.lines.MAX_EXPANDED_BYTES", 1_000_000)

    assert reason_of(b"a\n" * 300_000, b"a\n" * 300_000) == FileReason.TOO_LARGE


@pytest.mark.parametrize("chunk_bytes", [1000, 1 << 18])
def test_an_overlong_line_is_replaced_and_the_rest_is_read(chunk_bytes: int) -> None:
    body = b"a\n" + b"x" * (3 * MAX_LINE_CHARACTERS) + b"\nb\n"
    chunks = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)]

    assert read(*chunks) == (["a", OVERLONG_LINE, "b"], 3)


def test_an_overlong_last_line_is_replaced_too() -> None:
    assert read(*[b"x" * 50_000] * 4) == ([OVERLONG_LINE], 1)


@pytest.mark.parametrize("mark", [b"", b"\xff\xfe"], ids=["UTF-8", "UTF-16"])
def test_a_line_of_50_megabytes_needs_no_more_memory_than_a_short_one(mark: bytes) -> None:
    tracemalloc.start()

    lines, _ = read(mark, *[b"x" * (1 << 18)] * 200)

    assert lines == [OVERLONG_LINE]
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_F10_a_file_of_too_many_lines_is_rejected_before_all_of_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.lines.MAX_LINES", 1_000_000)

    with pytest.raises(UnreadableBranchFile) as caught:
        list(LineReader().blocks(b"\n" * 100_000 for _ in range(20)))

    assert (caught.value.reason, caught.value.detail) == (FileReason.TOO_LARGE, "limit 1 million lines")
