"""Believe declared keys, as Redshift's planner does. Pure; what is declared is an argument.

Redshift enforces no primary, unique or foreign key, and yet plans as if each held (AWS's guide, Table constraints):
it removes joins and DISTINCT that a key makes needless. A query that looks for a doubled row or a missing parent then
finds none. AWS does not say which queries are planned so; here each is that the rules below fit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from local_redshift.dialect.subqueries import Name
from local_redshift.dialect.token_cursor import TokenCursor, closing, split_at
from local_redshift.dialect.tokens import Kind, Token, identifier_value
from local_redshift.errors import RedshiftError

CLAUSES = ("FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET")
SET_OPERATORS = ("UNION", "INTERSECT", "EXCEPT")
JOIN_WORDS = ("INNER", "LEFT", "RIGHT", "FULL", "CROSS", "JOIN", "NATURAL")
EVERY_ROW = ("", "INNER", "CROSS")


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column whose value is believed to be in a column of the table with the number `refers_to`."""

    column: str
    refers_to: int
    referred: str


@dataclass(frozen=True, slots=True)
class DeclaredTable:
    """A table's columns, the sets of columns that are declared to be unique and are not null, and its foreign keys."""

    number: int
    columns: frozenset[str]
    not_null: frozenset[str] = frozenset()
    keys: tuple[frozenset[str], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()


type Declared = Mapping[Name, DeclaredTable]
NOTHING: Declared = {}


@dataclass(frozen=True, slots=True)
class _Source:
    """What one place of FROM reads: `join` is "" for the first; `table` is None for a subquery."""

    join: str
    tokens: tuple[Token, ...]
    alias: str
    table: DeclaredTable | None
    condition: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    source: _Source
    name: str


@dataclass(slots=True)
class _Block:
    """One SELECT: the tokens before FROM, its sources, and the clauses after them."""

    head: list[Token]
    sources: list[_Source]
    clauses: dict[str, list[Token]] = field(default_factory=dict)

    def column(self, tokens: Sequence[Token]) -> _Column | None:
        """Find the column that an expression consists of; None for any other expression."""
        cursor = TokenCursor(tokens)
        if cursor.at_end or not tokens[0].is_identifier:
            return None
        *before, name = cursor.dotted_name()
        if not cursor.at_end:
            return None
        if before:
            found = [source for source in self.sources if source.alias == before[-1]]
        else:
            found = [source for source in self.sources if source.table is None or name in source.table.columns]
        return _Column(found[0], name) if len(found) == 1 else None

    def equalities(self, source: _Source) -> Iterator[tuple[str, _Column]]:
        """List the columns of a source that ON compares with a column of another."""
        for part in split_at(source.condition, "AND"):
            sides = [column for side in split_at(part, "=") if (column := self.column(side))]
            for mine, other in (sides, sides[::-1]) if len(sides) == 2 else ():
                if mine.source == source != other.source:
                    yield mine.name, other

    def is_joined_by_key(self, source: _Source) -> bool:
        """Whether a declared key says that at most one row of the source fits each row of the others."""
        compared = {name for name, _ in self.equalities(source)}
        is_and_list = len(split_at(source.condition, "OR", "CASE", "NOT")) == 1
        return source.table is not None and is_and_list and any(key <= compared for key in source.table.keys)

    def is_joined_by_foreign_key(self, source: _Source) -> bool:
        """Whether a declared foreign key says that exactly one row of the source fits each row of the others."""
        pairs = list(self.equalities(source))
        if len(split_at(source.condition, "AND", "OR")) > 1 or len(pairs) != 1 or not self.is_joined_by_key(source):
            return False
        ((mine, other),) = pairs
        theirs, table = other.source.table, source.table
        if theirs is None or table is None or other.source.join not in EVERY_ROW or other.name not in theirs.not_null:
            return False
        return ForeignKey(other.name, table.number, mine) in theirs.foreign_keys

    def uses(self, source: _Source) -> bool:
        """Whether anything but its own ON names the source or one of its columns."""
        columns = source.table.columns if source.table else frozenset[str]()
        others = [other.condition for other in self.sources if other != source]
        return any(
            _names(tokens, place, source.alias, columns)
            for tokens in (self.head, *self.clauses.values(), *others)
            for place in range(len(tokens))
        )

    def believe_joins(self) -> None:
        """Make each LEFT JOIN by a foreign key an INNER JOIN; remove joins that no other part of the query needs."""
        if any(source.join in ("RIGHT", "FULL") for source in self.sources):
            return
        for place, source in enumerate(self.sources):
            if source.join == "LEFT" and self.is_joined_by_foreign_key(source):
                self.sources[place] = replace(source, join="INNER")
        for source in reversed(self.sources[:]):
            has_parameter = any(token.kind is Kind.PARAMETER for token in source.condition)
            is_needless = (source.join == "LEFT" and self.is_joined_by_key(source)) or (
                source.join == "INNER" and self.is_joined_by_foreign_key(source)
            )
            if is_needless and not has_parameter and not self.uses(source):
                self.sources.remove(source)

    def believe_unique_rows(self) -> None:
        """Remove DISTINCT over a key; count at most one row in a group by a key."""
        first, *others = self.sources
        if first.table is None or not all(
            other.join in ("LEFT", "INNER") and self.is_joined_by_key(other) for other in others
        ):
            return
        keys = first.table.keys
        if [token.key for token in self.head[:2]] == ["SELECT", "DISTINCT"]:
            chosen = self._columns_of(first, split_at(self.head[2:], ","))
            if any(key <= chosen for key in keys):
                del self.head[1]
        group = self.clauses.get("GROUP", [])
        grouped = self._columns_of(first, split_at(group[2:], ",")) if group else set[str]()
        is_one_row = any(key <= grouped for key in keys)
        for name in ("", "HAVING", "ORDER"):
            tokens = self.clauses.get(name, []) if name else self.head
            tokens[:] = self._counts(first, tokens, is_one_row=is_one_row)

    def _columns_of(self, source: _Source, expressions: Sequence[Sequence[Token]]) -> set[str]:
        columns = (self.column(_without_alias(expression)) for expression in expressions)
        return {column.name for column in columns if column is not None and column.source == source}

    def _counts(self, source: _Source, tokens: Sequence[Token], *, is_one_row: bool) -> list[Token]:
        out: list[Token] = []
        place = 0
        while place < len(tokens):
            if tokens[place].key == "COUNT" and _key(tokens, place + 1) == "(":
                end = closing(tokens, place + 1)
                inside = list(tokens[place + 2 : end])
                if inside and inside[0].key == "DISTINCT":
                    counted = self.column(inside[1:])
                    if counted and counted.source == source and source.table and {counted.name} in source.table.keys:
                        del inside[0]
                call = [*tokens[place : place + 2], *inside, tokens[end]]
                is_at_most_one = is_one_row and _key(tokens, end + 1) != "OVER"
                out += [*_words("LEAST", "("), *call, *_words(",", "1", ")")] if is_at_most_one else call
                place = end
            else:
                out.append(tokens[place])
            place += 1
        return out

    def tokens(self) -> list[Token]:
        """Write the query again."""
        out = [*self.head, *_words("FROM")]
        for source in self.sources:
            out += _words(source.join, "JOIN") if source.join else []
            out += source.tokens
            out += [*_words("ON"), *source.condition] if source.condition else []
        return out + [token for clause in self.clauses.values() for token in clause]


def believe(tokens: Sequence[Token], declared: Declared) -> list[Token]:
    """Rewrite the queries of a statement as if all that is declared held."""
    if not any(table.keys or table.foreign_keys for table in declared.values()):
        return list(tokens)
    out: list[Token] = []
    place = 0
    while place < len(tokens):
        if tokens[place].key == "(":
            end = closing(tokens, place)
            out += [tokens[place], *believe(tokens[place + 1 : end], declared), tokens[end]]
            place = end + 1
        else:
            out.append(tokens[place])
            place += 1
    believed: list[Token] = []
    operators = [token for token in _top_level(out) if token.key in SET_OPERATORS]
    for query in split_at(out, *SET_OPERATORS):
        believed += _believe_query(query, declared)
        believed += [operators.pop(0)] if operators else []
    return believed


def _believe_query(tokens: Sequence[Token], declared: Declared) -> list[Token]:
    before = split_at(tokens, "SELECT")[0]
    block = _block(tokens[len(before) :], declared)
    if block is None:
        return list(tokens)
    block.believe_joins()
    block.believe_unique_rows()
    return [*before, *block.tokens()]


def _block(tokens: Sequence[Token], declared: Declared) -> _Block | None:
    """Read a SELECT; None if it has no FROM, or one that these rules do not know."""
    parts = _clauses(tokens)
    sources = _sources(parts.pop("FROM", [])[1:], declared)
    return _Block(parts.pop(""), sources, parts) if sources else None


def _clauses(tokens: Sequence[Token]) -> dict[str, list[Token]]:
    parts: dict[str, list[Token]] = {"": []}
    name = ""
    cursor = TokenCursor(tokens)
    while not cursor.at_end:
        if cursor.peek() == "(":
            opening, group = tokens[cursor.position], cursor.group()
            parts[name] += [opening, *group, tokens[cursor.position - 1]]
            continue
        if cursor.peek() in CLAUSES:
            name = cursor.peek()
            parts[name] = []
        parts[name].append(cursor.next())
    return parts


def _sources(tokens: Sequence[Token], declared: Declared) -> list[_Source]:
    cursor = TokenCursor(tokens)
    sources: list[_Source] = []
    try:
        while not cursor.at_end:
            join = _join(cursor) if sources else ""
            sources.append(_source(tokens, cursor, join, declared))
    except RedshiftError:
        return []
    return sources


def _join(cursor: TokenCursor) -> str:
    word = cursor.accept_any("INNER", "LEFT", "RIGHT", "FULL", "CROSS") or "INNER"
    cursor.accept("OUTER")
    cursor.expect("JOIN")
    return word


def _source(tokens: Sequence[Token], cursor: TokenCursor, join: str, declared: Declared) -> _Source:
    start = cursor.position
    table = None
    alias = ""
    if cursor.peek() == "(":
        cursor.group()
    else:
        name = cursor.dotted_name()
        alias, table = name[-1], declared.get(tuple(name))
    if cursor.accept("AS") or (cursor.peek() not in ("", "ON", *JOIN_WORDS)):
        alias = cursor.name()
    end = cursor.position
    condition: list[Token] = []
    if cursor.accept("ON"):
        while cursor.peek() not in ("", *JOIN_WORDS):
            opening = cursor.position
            if cursor.peek() == "(":
                cursor.group()
            else:
                cursor.next()
            condition += tokens[opening : cursor.position]
    return _Source(join, tuple(tokens[start:end]), alias, table, tuple(condition))


def _without_alias(expression: Sequence[Token]) -> Sequence[Token]:
    return split_at(expression, "AS")[0]


def _names(tokens: Sequence[Token], place: int, alias: str, columns: frozenset[str]) -> bool:
    """Whether the token at a place names the alias, an unqualified column of it, or all columns."""
    token = tokens[place]
    if token.key == "*":
        return _key(tokens, place - 1) in ("SELECT", "DISTINCT", ",")
    if not token.is_identifier or _key(tokens, place - 1) == ".":
        return False
    name = identifier_value(token)
    return name == alias if _key(tokens, place + 1) == "." else name in columns


def _top_level(tokens: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.key, 0)
        if depth == 0:
            yield token


def _words(*words: str) -> list[Token]:
    return [Token(_kind(word), word, word) for word in words]


def _kind(word: str) -> Kind:
    return Kind.NUMBER if word.isdecimal() else Kind.WORD if word.isalpha() else Kind.OPERATOR


def _key(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].key if 0 <= place < len(tokens) else ""
