"""The document of a dialect: what it may say, and how it is read from TOML (docs/dialects.md). Pure; opens no file.

A document that holds anything else is refused: the error says the file, the line, the key and what is allowed.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from extract.cells import CAFES_ZONE, PAYMENTS, canonical_clock, time_zone

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
# UTF-8, and UTF-16 with its mark, are always understood.
UTF_8, WINDOWS = "utf-8", "windows-1252"
DECIMALS = (".", ",", "either")
THOUSANDS = ("", ",", ".", " ", "'")
DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year first"
NUMBERS, WORDS = "numbers", "words"
FOUR_DIGITS, TWO_DIGITS = "four digits", "two digits"
BY_CELLS, BY_HEADER = "cells", "header"
ITEMS, QUANTITY, LINES = "items", "quantity", "lines"
BY_BLANKS, BY_ORDER, BY_TIME, BY_LINE = "blank cells", "order", "time and branch", "line"
COLUMN, KEY, CONSTANT = "column", "key", "constant"
STATED, SUMMED = "stated", "summed"
# What a column can be. Of each, a document has at most one, except for those that are dropped unread.
DROPPED = ("personal", "ignored")
KINDS = (
    "time", "date", "clock", "branch", "till", "order", "basket", "item", "size", "flavour", "quantity", "price",
    "amount", "total", "discount", "payment", *DROPPED,
)  # fmt: skip
# The columns of one line's item.
ITEM_KINDS = ("item", "size", "flavour", "quantity", "price", "amount")
# A row may lack the column: at its end, or where the payment is not CARD.
ALWAYS, UNLESS_CARD, NEVER = "always", "unless card", "never"
MAY_LACK = (*DROPPED, "till", "size", "flavour", "discount")

# The ledger shows header, title, total and tills beside the names of dialects.
_NAME = re.compile(r"(?!(?:header|title|total|tills)$)[a-z0-9][a-z0-9-]{0,19}")
_REJECT = re.compile(r"[0-9]+ [a-z_]+")
_TABLE_LINE = r"\s*\[{1,2}\s*([A-Za-z0-9_-]+)\s*\]{1,2}\s*(?:#.*)?"
_KEY_LINE = r"\s*([A-Za-z0-9_-]+)\s*=(.*)"
_BETWEEN_WORDS = re.compile(r"[\s_-]+")

Path = tuple[str | int, ...]


class InvalidDocument(ValueError):
    """A document that says something which no dialect can mean. ``line`` is 1 if the text shows no better one."""

    def __init__(self, source: str, line: int, key: str, problem: str) -> None:
        super().__init__(f"{source}:{line}: {key}: {problem}" if key else f"{source}:{line}: {problem}")
        self.source, self.line, self.key, self.problem = source, line, key, problem


class Column(NamedTuple):
    """One column. ``names`` are header words as `column_name` spells them; ``lacks`` says when a row may lack it."""

    kind: str
    names: tuple[str, ...]
    lacks: str


class Example(NamedTuple):
    """A small file in the dialect, with its canonical rows and its rejects; ``key`` is its name in the bucket.

    A row is branch, time, basket, total, payment and its discount, if it has one, joined by tabs. A reject is line and
    rule, joined by a blank.
    """

    text: str
    rows: tuple[str, ...]
    rejects: tuple[str, ...]
    key: str


class Document(NamedTuple):
    """What the document of a dialect says. docs/dialects.md describes each field under the key of the same name."""

    source: str
    name: str
    summary: str
    delimiter: str
    encoding: str
    decimal: str
    thousands: str
    currency: str
    blanks: frozenset[str]
    by: str
    shown_by: tuple[str, ...]
    others_are_ignored: bool
    columns: tuple[Column, ...]
    day_order: str
    months: str
    years: str
    zone: str
    clock: str
    grammar: str
    group: str
    branch_from: str
    branch_name: str
    total_from: str
    payment_from: str
    payment_is: str
    payment_words: Mapping[str, str]
    examples: tuple[Example, ...]

    def has(self, kind: str) -> bool:
        """Return whether a column is of this kind."""
        return any(column.kind == kind for column in self.columns)


def column_name(text: str) -> str:
    """Reduce a header's cell to what its spellings share. Case, blanks, ``_`` and ``-`` do not count."""
    return _BETWEEN_WORDS.sub("", text).casefold()


def read_document(text: str, source: str) -> Document:
    """Read the text of a document; ``source`` is the file's name for errors. Raises InvalidDocument."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(error, source) from error
    top = _Table(_Place(source, text), (), content)
    file, recognise, time = top.table("file"), top.table("recognise"), top.table("time")
    basket, branch, total, payment = (top.table(name) for name in ("basket", "branch", "total", "payment"))
    by = recognise.choice("by", (BY_CELLS, BY_HEADER), BY_CELLS)
    grammar = basket.choice("grammar", (ITEMS, QUANTITY, LINES), ITEMS)
    groups = (BY_BLANKS, BY_ORDER, BY_TIME, BY_LINE) if grammar == LINES else ("",)
    columns = tuple(_column(table, by) for table in top.tables("columns"))
    document = Document(
        source=source,
        name=top.matching("name", _NAME, "1 to 20 of a-z, 0-9 and -, but not header, title, total or tills"),
        summary=top.text("summary"),
        delimiter=file.choice("delimiter", DELIMITERS, ","),
        encoding=file.choice("encoding", (UTF_8, WINDOWS), UTF_8),
        decimal=file.choice("decimal", DECIMALS, "."),
        thousands=file.choice("thousands", THOUSANDS, ""),
        currency=file.text("currency", "£"),
        blanks=frozenset(word.casefold() for word in file.texts("blanks")),
        by=by,
        shown_by=recognise.texts("cells"),
        others_are_ignored=recognise.choice("others", ("refused", "ignored"), "refused") == "ignored",
        columns=columns,
        day_order=time.choice("order", (DAY_FIRST, MONTH_FIRST, YEAR_FIRST), DAY_FIRST),
        months=time.choice("months", (NUMBERS, WORDS), NUMBERS),
        years=time.choice("years", (FOUR_DIGITS, TWO_DIGITS), FOUR_DIGITS),
        zone=time.text("zone", CAFES_ZONE),
        clock=time.text("clock", ""),
        grammar=grammar,
        group=basket.choice("group", groups, BY_LINE if grammar == LINES else ""),
        branch_from=branch.choice("from", (COLUMN, KEY, CONSTANT), COLUMN),
        branch_name=branch.text("name", ""),
        total_from=total.choice("from", (STATED, SUMMED), STATED),
        payment_from=payment.choice("from", (COLUMN, CONSTANT), COLUMN),
        payment_is=payment.choice("is", PAYMENTS, ""),
        payment_words={column_name(word): canonical for canonical in PAYMENTS for word in payment.texts(canonical)},
        examples=tuple(_example(table) for table in top.tables("examples")),
    )
    for table in (top, file, recognise, time, basket, branch, total, payment):
        table.refuse_others()
    _Consistency(document, top).check()
    return document


class _Place(NamedTuple):
    """Where in the text of a document each of its keys is."""

    source: str
    text: str

    def error(self, path: Path, problem: str) -> InvalidDocument:
        """Name the key's line, or that of the table that lacks it."""
        # Only an error needs the lines, so no start pays for them.
        lines = _lines_of(self.text)
        found = next((place for place in _shorter(path) if place in lines), ())
        return InvalidDocument(self.source, lines.get(found, 1), _spelled(path), problem)


class _Table:
    """One table of a document. `refuse_others` refuses the keys that were not asked for."""

    def __init__(self, place: _Place, path: Path, content: Mapping[str, Any]) -> None:
        self.place, self.path = place, path
        self._content = content
        self._known: list[str] = []

    def error(self, key: str, problem: str) -> InvalidDocument:
        """Refuse a key of this table."""
        return self.place.error((*self.path, key), problem)

    def text(self, key: str, default: str | None = None) -> str:
        """Read a text; without a default, it must be there and not blank."""
        value = self._value(key, default)
        if not isinstance(value, str):
            raise self.error(key, f"holds {_shown(value)}, and must be a text in quotes")
        if default is None and not value.strip():
            raise self.error(key, "must not be blank")
        return value

    def matching(self, key: str, pattern: re.Pattern[str], allowed: str) -> str:
        """Read a text of a form."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.error(key, f"holds {_shown(value)}; allowed: {allowed}")
        return value

    def choice(self, key: str, allowed: Collection[str], default: str) -> str:
        """Read one of a few texts."""
        value = self._value(key, default)
        if not isinstance(value, str) or (value not in allowed and value != default):
            raise self.error(key, f"holds {_shown(value)}; allowed: {', '.join(map(_shown, allowed))}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of texts, which may be left out."""
        value = self._value(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise self.error(key, f"holds {_shown(value)}, and must be a list of texts in quotes")
        return tuple(value)

    def lacks(self, key: str) -> str:
        """Read when a row may lack a column."""
        value = self._value(key, False)
        allowed = {False: NEVER, True: ALWAYS, UNLESS_CARD: UNLESS_CARD}
        if not isinstance(value, bool | str) or value not in allowed:
            raise self.error(key, f'holds {_shown(value)}; allowed: false, true, "{UNLESS_CARD}"')
        return allowed[value]

    def table(self, key: str) -> "_Table":
        """Return a table inside this one, which may be left out."""
        value = self._value(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"holds {_shown(value)}, and must be a table, [{key}]")
        return _Table(self.place, (*self.path, key), value)

    def tables(self, key: str) -> "Iterator[_Table]":
        """Yield the tables of a list of tables, of which there is at least one."""
        value = self._value(key, [])
        if not isinstance(value, list) or not value or not all(isinstance(table, dict) for table in value):
            raise self.error(key, f"must be one or more tables, [[{key}]]")
        for number, content in enumerate(value, start=1):
            yield _Table(self.place, (*self.path, key, number), content)

    def refuse_others(self) -> None:
        """Refuse any key that was not asked for."""
        for key in self._content:
            if key not in self._known:
                raise self.error(key, f"is not a key here; allowed: {', '.join(self._known)}")

    def _value(self, key: str, default: object) -> object:
        self._known.append(key)
        if key not in self._content and default is None:
            raise self.error(key, "is missing")
        return self._content.get(key, default)


def _column(table: _Table, by: str) -> Column:
    kind = table.choice("is", KINDS, "")
    if not kind:
        raise table.error("is", f"is missing; allowed: {', '.join(map(_shown, KINDS))}")
    names, lacks = tuple(map(column_name, table.texts("names"))), table.lacks("optional")
    if by == BY_HEADER and not names:
        raise table.error("names", "is missing: the header's words show which column this is")
    if lacks != NEVER and kind not in MAY_LACK:
        raise table.error("optional", f"only these columns may be missing: {', '.join(MAY_LACK)}")
    if lacks == UNLESS_CARD and by == BY_HEADER:
        raise table.error("optional", f'"{UNLESS_CARD}" is for documents that are recognised by cells')
    table.refuse_others()
    return Column(kind, names, lacks)


def _example(table: _Table) -> Example:
    example = Example(table.text("text"), table.texts("rows"), table.texts("rejects"), table.text("key", ""))
    for row in example.rows:
        if row.count("\t") not in (4, 5):
            problem = r"each is branch, time, basket, total, payment and any discount, joined by \t"
            raise table.error("rows", problem)
    for reject in example.rejects:
        if not _REJECT.fullmatch(reject):
            raise table.error("rejects", 'each is the line and the rule, such as "2 bad_total"')
    table.refuse_others()
    return example


class _Consistency:
    """Checks what single keys cannot show: that the columns are those which the rest of the document needs."""

    def __init__(self, document: Document, top: _Table) -> None:
        self._document, self._top = document, top
        self._kinds = [column.kind for column in document.columns]

    def check(self) -> None:
        """Raise InvalidDocument for the first thing that does not fit."""
        for number, kind in enumerate(self._kinds, start=1):
            if kind not in DROPPED and kind in self._kinds[: number - 1]:
                raise self._top.place.error(("columns", number, "is"), f"there is a column {_shown(kind)} before it")
        self._check_time()
        self._check_basket()
        self._check_sources()
        self._check_recognition()

    def _check_time(self) -> None:
        document = self._document
        self._require(document.has("time") != document.has("date"), "columns", 'needs one column "time" or one "date"')
        is_apart = document.has("clock") or bool(document.clock)
        if document.has("date"):
            problem = 'needs a column "clock", or [time] clock = "HH:MM" for a file with days only'
            self._require(is_apart, "columns", problem)
        self._require(not (document.has("time") and is_apart), "columns", 'a column "time" has its clock in it')
        self._require(not (document.has("clock") and document.clock), "time", "there is a column clock", "clock")
        # The café's own is known: reading it here would cost each cold start 20 ms.
        if document.zone != CAFES_ZONE:
            self._check_zone()
        if document.clock and not canonical_clock(document.clock):
            raise self._top.place.error(("time", "clock"), f"holds {_shown(document.clock)}; allowed: HH:MM")

    def _check_zone(self) -> None:
        zone = self._document.zone
        try:
            time_zone(zone)
        except (KeyError, ValueError, OSError) as error:
            problem = f"holds {_shown(zone)}; allowed: a name of the time zone database, such as {CAFES_ZONE}"
            raise self._top.place.error(("time", "zone"), problem) from error

    def _check_basket(self) -> None:
        document, is_lines = self._document, self._document.grammar == LINES
        self._require_column("basket", when=not is_lines, why=f"the grammar is {_shown(document.grammar)}")
        self._require_column("item", when=is_lines, why=f"the grammar is {_shown(document.grammar)}")
        if is_lines:
            has_one = document.has("price") != document.has("amount")
            self._require(has_one, "columns", 'needs one column "price" (of one) or one "amount" (of the line)')
        for kind in ITEM_KINDS[1:]:
            if not is_lines:
                self._require_column(kind, when=False, why=f"the grammar is {_shown(document.grammar)}")
        self._require_column("order", when=document.group == BY_ORDER, why=f"the group is {_shown(document.group)}")

    def _check_sources(self) -> None:
        document = self._document
        self._require_column("branch", when=document.branch_from == COLUMN, why="of [branch] from")
        self._require_column("total", when=document.total_from == STATED, why="of [total] from")
        self._require_column("payment", when=document.payment_from == COLUMN, why="of [payment] from")
        has_name = document.branch_from == CONSTANT
        self._require(bool(document.branch_name.strip()) == has_name, "branch", 'goes with from = "constant"', "name")
        is_constant = document.payment_from == CONSTANT
        self._require(bool(document.payment_is) == is_constant, "payment", 'goes with from = "constant"', "is")
        marks = {document.decimal} if document.decimal != "either" else {".", ","}
        self._require(document.thousands not in marks, "file", "is the decimal mark too", "thousands")
        if document.grammar == QUANTITY:
            problem = f"a comma divides the cell, because the grammar is {_shown(QUANTITY)}"
            self._require("," not in marks, "file", problem, "decimal")
            self._require(document.thousands != ",", "file", problem, "thousands")

    def _check_recognition(self) -> None:
        document = self._document
        for kind in document.shown_by:
            if kind in DROPPED or not document.has(kind):
                raise self._top.place.error(("recognise", "cells"), f"{_shown(kind)} is no column that is read")
        if document.by == BY_HEADER:
            self._require(not document.shown_by, "recognise", "are for documents that are recognised by cells", "cells")
            seen: set[str] = set()
            for number, column in enumerate(document.columns, start=1):
                if twice := seen.intersection(column.names):
                    problem = f"another column is named {_shown(min(twice))} too"
                    raise self._top.place.error(("columns", number, "names"), problem)
                seen.update(column.names)
            return
        self._require(bool(document.shown_by), "recognise", "needs the columns whose cells show the dialect", "cells")
        problem = 'goes with by = "header"'
        self._require(not document.others_are_ignored, "recognise", problem, "others")
        lacks = [column.lacks for column in document.columns]
        first = next((place for place, lack in enumerate(lacks) if lack != NEVER), len(lacks))
        for number, lack in enumerate(lacks[first:], start=first + 1):
            if lack == NEVER or document.columns[number - 1].kind not in DROPPED:
                problem = "without a header, only the last columns may be missing, and only personal or ignored ones"
                raise self._top.place.error(("columns", first + 1, "optional"), problem)

    def _require(self, is_so: bool, table: str, problem: str, key: str = "") -> None:
        if not is_so:
            raise self._top.place.error((table, key) if key else (table,), problem)

    def _require_column(self, kind: str, *, when: bool, why: str) -> None:
        if when and kind not in self._kinds:
            raise self._top.place.error(("columns",), f"needs a column {_shown(kind)}, because {why}")
        if not when and kind in self._kinds:
            number = self._kinds.index(kind) + 1
            raise self._top.place.error(("columns", number, "is"), f"no column {_shown(kind)} is read, because {why}")


def _lines_of(text: str) -> dict[Path, int]:
    """Map each table and key to its line. TOML's reader does not give lines."""
    lines: dict[Path, int] = {}
    table: Path = ()
    quotes = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if quotes:
            quotes = "" if quotes in line else quotes
        elif found := re.fullmatch(_TABLE_LINE, line):
            table = (found[1],)
            if line.lstrip().startswith("[["):
                count = 1 + sum(place[:1] == table and len(place) == 2 for place in lines)
                lines.setdefault(table, number)
                table = (*table, count)
            lines[table] = number
        elif found := re.match(_KEY_LINE, line):
            lines[(*table, found[1])] = number
            opened = next((mark for mark in ('"""', "'''") if mark in found[2]), "")
            quotes = opened if opened and found[2].count(opened) == 1 else ""
    return lines


def _shorter(path: Path) -> Iterator[Path]:
    """Yield a path, and those of the tables that it is in."""
    for length in range(len(path), 0, -1):
        yield path[:length]


def _spelled(path: Path) -> str:
    """Spell a path for a person: ``file.decimal``, ``columns 3: is``."""
    if len(path) == 3:
        return f"{path[0]} {path[1]}: {path[2]}"
    return ".".join(map(str, path))


def _shown(value: object) -> str:
    """Show a value as TOML writes it, cut."""
    shown = {"\t": r'"\t"', True: "true", False: "false"}.get(value) if isinstance(value, str | bool) else None
    return shown or (f'"{value:.40}"' if isinstance(value, str) else f"{value!r:.40}")


def _not_toml(error: tomllib.TOMLDecodeError, source: str) -> InvalidDocument:
    found = re.fullmatch(r"(.*) \(at (?:line ([0-9]+), column [0-9]+|end of document)\)", str(error))
    problem, line = (found[1], int(found[2] or 1)) if found else (str(error), 1)
    return InvalidDocument(source, line, "", f"is not TOML: {problem}")
