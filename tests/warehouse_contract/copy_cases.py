"""What COPY must load, and what it must refuse: a file's bytes, COPY's options, and the rows that follow from them."""

import bz2
import gzip
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import zstandard

from warehouse_contract.cases import moment

Rows = tuple[tuple[object, ...], ...]
TEXT_AND_NUMBER = "a varchar(5), b integer"


@dataclass(frozen=True)
class CopyCase:
    """One file loaded into a fresh table. `rows` None: the load is refused, and `wrong_column` is what it names."""

    name: str
    columns: str
    content: bytes
    options: str
    rows: Rows | None
    wrong_column: str = ""


def refused(name: str, columns: str, content: bytes, options: str = "csv", wrong_column: str = "") -> CopyCase:
    """Build the case of a load that fails on one line."""
    return CopyCase(name, columns, content, options, None, wrong_column)


LOADED = (
    CopyCase("rows", TEXT_AND_NUMBER, b"x,1\ny,2\n", "csv", (("x", 1), ("y", 2))),
    CopyCase("line ends of Windows", TEXT_AND_NUMBER, b"x,1\r\ny,2\r\n", "csv", (("x", 1), ("y", 2))),
    CopyCase("no line end at the end", TEXT_AND_NUMBER, b"x,1\ny,2", "csv", (("x", 1), ("y", 2))),
    CopyCase("an empty object", TEXT_AND_NUMBER, b"", "csv", ()),
    CopyCase("quotes", TEXT_AND_NUMBER, b'"a\nb",1\n"a,""b",2\n', "csv", (("a\nb", 1), ('a,"b', 2))),
    CopyCase("FORMAT AS CSV", TEXT_AND_NUMBER, b"x,1\n", "format as csv", (("x", 1),)),
    CopyCase("GZIP", TEXT_AND_NUMBER, gzip.compress(b"x,1\n"), "csv gzip", (("x", 1),)),
    CopyCase("ZSTD", TEXT_AND_NUMBER, zstandard.compress(b"x,1\n"), "csv zstd", (("x", 1),)),
    CopyCase("BZIP2", TEXT_AND_NUMBER, bz2.compress(b"x,1\n"), "csv bzip2", (("x", 1),)),
    CopyCase("members of GZIP one after another", "a integer", gzip.compress(b"1\n") * 2, "csv gzip", ((1,), (1,))),
    CopyCase("an empty field is an empty string", TEXT_AND_NUMBER, b",1\n", "csv", (("", 1),)),
    CopyCase("an empty field of a number is null", TEXT_AND_NUMBER, b"x,\n", "csv", (("x", None),)),
    CopyCase("EMPTYASNULL", TEXT_AND_NUMBER, b",1\n", "csv emptyasnull", ((None, 1),)),
    CopyCase("blanks are kept", TEXT_AND_NUMBER, b"  ,1\n", "csv", (("  ", 1),)),
    CopyCase("BLANKSASNULL", TEXT_AND_NUMBER, b"  ,1\n", "csv blanksasnull", ((None, 1),)),
    CopyCase("the null string by default", TEXT_AND_NUMBER, b"\\N,\\N\n", "csv", ((None, None),)),
    CopyCase("NULL AS", TEXT_AND_NUMBER, b"none,none\n", "csv null as 'none'", ((None, None),)),
    CopyCase("DELIMITER", TEXT_AND_NUMBER, b"x;1\n", "csv delimiter ';'", (("x", 1),)),
    CopyCase("a tab as DELIMITER", TEXT_AND_NUMBER, b"x\t1\n", r"csv delimiter '\t'", (("x", 1),)),
    CopyCase("QUOTE AS", TEXT_AND_NUMBER, b"%x,y%,1\n", "csv quote as '%'", (("x,y", 1),)),
    CopyCase("IGNOREHEADER", TEXT_AND_NUMBER, b"a,b\nx,1\n", "csv ignoreheader 1", (("x", 1),)),
    CopyCase("IGNOREBLANKLINES", TEXT_AND_NUMBER, b"x,1\n\ny,2\n\n", "csv ignoreblanklines", (("x", 1), ("y", 2))),
    CopyCase("FILLRECORD", TEXT_AND_NUMBER, b"x\n", "csv fillrecord", (("x", None),)),
    CopyCase("TRUNCATECOLUMNS", TEXT_AND_NUMBER, b"abcdefg,1\n", "csv truncatecolumns", (("abcde", 1),)),
    CopyCase(
        "TRUNCATECOLUMNS cuts between letters",
        TEXT_AND_NUMBER,
        "abcdé,1\n".encode(),
        "csv truncatecolumns",
        (("abcd", 1),),
    ),
    CopyCase("TRIMBLANKS", TEXT_AND_NUMBER, b"x  ,1\n", "csv trimblanks", (("x", 1),)),
    CopyCase("ACCEPTINVCHARS", TEXT_AND_NUMBER, b"a\xffb,1\n", "csv acceptinvchars", (("a?b", 1),)),
    CopyCase("ACCEPTINVCHARS AS", TEXT_AND_NUMBER, b"a\xffb,1\n", "csv acceptinvchars as '^'", (("a^b", 1),)),
    CopyCase("letters of two bytes", TEXT_AND_NUMBER, "café,1\n".encode(), "csv", (("café", 1),)),
    CopyCase("backslashes and tabs", TEXT_AND_NUMBER, b"a\\\tb,1\n", "csv", (("a\\\tb", 1),)),
    CopyCase("COMPUPDATE and STATUPDATE", TEXT_AND_NUMBER, b"x,1\n", "csv compupdate off statupdate off", (("x", 1),)),
    CopyCase("NOLOAD", TEXT_AND_NUMBER, b"x,1\n", "csv noload", ()),
    CopyCase("MAXERROR", TEXT_AND_NUMBER, b"x,1\ny,no\nz,3\n", "csv maxerror 1", (("x", 1), ("z", 3))),
    CopyCase(
        "decimals are cut to the scale",
        "a decimal(5, 2)",
        b"-1.239\n1.239\n",
        "csv",
        ((Decimal("-1.23"),), (Decimal("1.23"),)),
    ),
    CopyCase("ROUNDEC", "a decimal(5, 2)", b"1.235\n", "csv roundec", ((Decimal("1.24"),),)),
    CopyCase("booleans", "a boolean", b"f\ntrue\n1\n", "csv", ((False,), (True,), (True,))),
    CopyCase("dates", "a date", b"2026-02-28\n", "csv", ((date(2026, 2, 28),),)),
    CopyCase("DATEFORMAT", "a date", b"28.02.2026\n", "csv dateformat 'DD.MM.YYYY'", ((date(2026, 2, 28),),)),
    CopyCase("timestamps", "a timestamp", b"2026-02-28 10:20:30\n", "csv", ((moment(2026, 2, 28, 10, 20, 30),),)),
    CopyCase(
        "TIMEFORMAT",
        "a timestamp",
        b"28/02/2026 10:20\n",
        "csv timeformat 'DD/MM/YYYY HH24:MI'",
        ((moment(2026, 2, 28, 10, 20),),),
    ),
    CopyCase(
        "TIMEFORMAT auto",
        "a timestamp",
        b"2026-02-28T10:20:30\n2026-02-28 10:20:30.5\n",
        "csv timeformat 'auto'",
        ((moment(2026, 2, 28, 10, 20, 30),), (moment(2026, 2, 28, 10, 20, 30, 500000),)),
    ),
    CopyCase("TIMEFORMAT epochsecs", "a timestamp", b"86400\n", "csv timeformat 'epochsecs'", ((moment(1970, 1, 2),),)),
)

NOT_LOADED = (
    refused("too many bytes", TEXT_AND_NUMBER, b"abcdef,1\n", wrong_column="a"),
    refused("too many bytes, not too many letters", TEXT_AND_NUMBER, "aaaaé,1\n".encode(), wrong_column="a"),
    refused("a letter of two bytes in CHAR", "a char(2)", "é\n".encode(), wrong_column="a"),
    refused("no number", TEXT_AND_NUMBER, b"x,1\nx,y\n", wrong_column="b"),
    refused("a number with underscores", TEXT_AND_NUMBER, b"x,1_0\n", wrong_column="b"),
    refused("a number out of range", "a smallint", b"40000\n", wrong_column="a"),
    refused("too many digits", "a decimal(5, 2)", b"1000.00\n", wrong_column="a"),
    refused("null in NOT NULL", "a integer not null", b"\\N\n", wrong_column="a"),
    refused("no date", "a date", b"2026-02-30\n", wrong_column="a"),
    refused("a word for a date", "a date", b"today\n", wrong_column="a"),
    refused("no timestamp", "a timestamp", b"yesterday\n", wrong_column="a"),
    refused("bytes that are no UTF-8", TEXT_AND_NUMBER, b"a\xff,1\n", wrong_column="a"),
    refused("too many fields", TEXT_AND_NUMBER, b"x,1,2\n"),
    refused("too few fields", TEXT_AND_NUMBER, b"x\n"),
    refused("more errors than MAXERROR", TEXT_AND_NUMBER, b"x,a\nx,b\nx,3\n", "csv maxerror 1", wrong_column="b"),
)
