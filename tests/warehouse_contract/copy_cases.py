"""What COPY must load, and what it must refuse: a file's bytes, and the rows that follow from them."""

import json
from dataclasses import dataclass
from decimal import Decimal

from warehouse_contract.cases import moment

Rows = tuple[tuple[object, ...], ...]
TEXT_AND_NUMBER = "a varchar(5), b integer"
OPTIONS = "format as csv gzip manifest"


@dataclass(frozen=True)
class CopyCase:
    """One file loaded into a fresh table. `rows` None: the load is refused, and `wrong_column` is what it names."""

    name: str
    columns: str
    content: bytes
    rows: Rows | None
    wrong_column: str = ""
    options: str = OPTIONS


def refused(name: str, columns: str, content: bytes, wrong_column: str = "") -> CopyCase:
    """Build the case of a load that fails on one line."""
    return CopyCase(name, columns, content, None, wrong_column)


def manifest_of(*urls: str) -> bytes:
    """Write a manifest in which every object is mandatory."""
    return json.dumps({"entries": [{"url": url, "mandatory": True} for url in urls]}).encode()


LOADED = (
    CopyCase("rows", TEXT_AND_NUMBER, b"x,1\ny,2\n", (("x", 1), ("y", 2))),
    CopyCase("line ends of Windows", TEXT_AND_NUMBER, b"x,1\r\ny,2\r\n", (("x", 1), ("y", 2))),
    CopyCase("no line end at the end", TEXT_AND_NUMBER, b"x,1\ny,2", (("x", 1), ("y", 2))),
    CopyCase("an empty object", TEXT_AND_NUMBER, b"", ()),
    CopyCase("quotes", TEXT_AND_NUMBER, b'"a\nb",1\n"a,""b",2\n', (("a\nb", 1), ('a,"b', 2))),
    CopyCase("an empty field is an empty string", TEXT_AND_NUMBER, b",1\n", (("", 1),)),
    CopyCase("an empty field of a number is null", TEXT_AND_NUMBER, b"x,\n", (("x", None),)),
    CopyCase("blanks are kept", TEXT_AND_NUMBER, b"  ,1\n", (("  ", 1),)),
    CopyCase("the null string by default", TEXT_AND_NUMBER, b"\\N,\\N\n", ((None, None),)),
    CopyCase(
        "another null string",
        TEXT_AND_NUMBER,
        b"\\N,1\n  ,2\n",
        (("\\N", 1), (None, 2)),
        options=f"{OPTIONS} null as '  '",
    ),
    CopyCase("letters of two bytes", TEXT_AND_NUMBER, "café,1\n".encode(), (("café", 1),)),
    CopyCase("backslashes and tabs", TEXT_AND_NUMBER, b"a\\\tb,1\n", (("a\\\tb", 1),)),
    CopyCase(
        "COMPUPDATE and STATUPDATE",
        TEXT_AND_NUMBER,
        b"x,1\n",
        (("x", 1),),
        options=f"{OPTIONS} compupdate off statupdate off",
    ),
    CopyCase(
        "decimals are cut to the scale",
        "a decimal(5, 2)",
        b"-1.239\n1.239\n",
        ((Decimal("-1.23"),), (Decimal("1.23"),)),
    ),
    CopyCase("timestamps", "a timestamp", b"2026-02-28 10:20:30\n", ((moment(2026, 2, 28, 10, 20, 30),),)),
    CopyCase(
        "TIMEFORMAT",
        "a timestamp",
        b"2026-02-28 22:20:30\n",
        ((moment(2026, 2, 28, 22, 20, 30),),),
        options=f"{OPTIONS} timeformat 'YYYY-MM-DD HH:MI:SS'",
    ),
)

NOT_LOADED = (
    refused("too many bytes", TEXT_AND_NUMBER, b"abcdef,1\n", wrong_column="a"),
    refused("too many bytes, not too many letters", TEXT_AND_NUMBER, "aaaaé,1\n".encode(), wrong_column="a"),
    refused("a letter of two bytes in CHAR", "a char(2)", "é\n".encode(), wrong_column="a"),
    refused("letters for a number", TEXT_AND_NUMBER, b"x,1\nx,y\n", wrong_column="b"),
    refused("a number with underscores", TEXT_AND_NUMBER, b"x,1_0\n", wrong_column="b"),
    refused("a number out of range", "a integer", b"3000000000\n", wrong_column="a"),
    refused("too many digits", "a decimal(5, 2)", b"1000.00\n", wrong_column="a"),
    refused("null in NOT NULL", "a integer not null", b"\\N\n", wrong_column="a"),
    refused("a day that does not exist", "a timestamp", b"2026-02-30 10:20:30\n", wrong_column="a"),
    refused("a word for a timestamp", "a timestamp", b"yesterday\n", wrong_column="a"),
    refused("bytes that are not UTF-8", TEXT_AND_NUMBER, b"a\xff,1\n", wrong_column="a"),
    refused("too many fields", TEXT_AND_NUMBER, b"x,1,2\n"),
    refused("too few fields", TEXT_AND_NUMBER, b"x\n"),
)
