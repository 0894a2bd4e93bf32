"""Run a branch file through extract and transform in memory, and check what must be true of every file.

No line is lost silently, every row is an order or a reject, and no personal data and no replacement character is
written. This module counts the lines with its own code, not with the pipeline's.
"""

import gzip
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from personal_data import PersonalData
from shared.contracts import ExtractedPart, TransformedPart, encode
from transform.stage import transform_part

NAME, CARD = "Zebedee Quillfeather", "4111111111111111"
PLANTED = PersonalData(["Zebedee", "Quillfeather"], [CARD])
_LINE_END = re.compile(rb"\r\n|\r|\n")
_REPLACEMENT = "\ufffd".encode()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a file. ``outcome`` is read, empty, or the reason why the file was rejected.

    ``rejects`` are line and rule; ``tables`` are the lines of orders, items and dimensions without the file's id;
    ``order_lines`` are the first lines of accepted rows; ``problems`` are broken rules, which must be empty.
    """

    outcome: str
    orders: int
    pence: int
    rejects: tuple[tuple[int, str], ...]
    tables: frozenset[str]
    order_lines: frozenset[int]
    problems: tuple[str, ...]


def judge(body: bytes, key: str = "hostile.csv", planted: PersonalData = PLANTED) -> Verdict:
    """Read a file and check the result; ``planted`` is the personal data to search for."""
    objects, extracted, transformed = FakeObjects({key: body}), FakeOutbox(), FakeOutbox()
    file = extract_file(arrival_of(key), objects, extracted).file
    for message in extracted.sent:
        assert isinstance(message, ExtractedPart)
        transform_part(message, objects, transformed, may_carry=False)
    parts = [message for message in transformed.sent if isinstance(message, TransformedPart)]
    orders, pence = sum(part.orders for part in parts), sum(part.pence for part in parts)
    texts = {staged: zlib.decompress(content, 31) for staged, content in objects.staged.items()}
    rejects = _rejects_in(texts)
    problems = []
    if not file.reason:
        counted = count_lines(body)
        if not counted == file.lines.total == file.lines.accounted:
            problems.append(
                f"lines: {counted} counted, {file.lines.total} reported, {file.lines.accounted} accounted for"
            )
        if file.rows != orders + len(rejects):
            problems.append(f"rows: {file.rows} in, {orders} accepted, {len(rejects)} rejected")
        if len(rejects) != file.rejects + sum(part.rejects for part in parts):
            problems.append("rejects: not as many as the messages report")
    elif file.reason == "lines_lost":
        problems.append("the reader lost count of the lines")
    elif rejects and orders:
        problems.append("the file was rejected, but orders of it were passed on")
    written = texts | {f"message {n}": encode(m).encode() for n, m in enumerate([*extracted.sent, *transformed.sent])}
    problems += [f"personal data in {place}" for place in planted.found_among(written)]
    problems += [f"U+FFFD in {place}" for place, text in written.items() if _REPLACEMENT in text]
    tables = frozenset(
        line.replace(file.source.file_id, "FILE")
        for staged, text in texts.items()
        if staged.startswith("transformed/")
        for line in text.decode().splitlines()
    )
    order_lines = frozenset(
        int(line.split("\t", 1)[0])
        for staged, text in texts.items()
        if staged.startswith("extracted/")
        for line in text.decode().splitlines()
    )
    return Verdict(file.reason or str(file.outcome), orders, pence, rejects, tables, order_lines, tuple(problems))


def count_lines(body: bytes) -> int:
    """Count the lines of a file: LF, CR, CRLF and the end of the file end a line."""
    text = (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).removeprefix(b"\xef\xbb\xbf")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text.decode("utf-16").encode()
    ends = list(_LINE_END.finditer(text))
    return len(ends) + ((not ends and bool(text)) or (bool(ends) and ends[-1].end() < len(text)))


def _rejects_in(texts: Mapping[str, bytes]) -> tuple[tuple[int, str], ...]:
    lines = [
        line for staged, text in texts.items() if staged.startswith("rejects/") for line in text.decode().split("\n")
    ]
    cells = [line.split(",") for line in lines if line]
    return tuple(sorted((int(line_number), rule) for _, line_number, _, rule, _ in cells))
