"""Rewrite the calls that PostgreSQL writes differently. Pure: tokens in, SQL out."""

from collections.abc import Callable, Sequence

from local_redshift.dialect.data_types import parse_type
from local_redshift.dialect.functions import DATE_PARTS
from local_redshift.dialect.token_cursor import TokenCursor, split_at
from local_redshift.dialect.tokens import Kind, Token, string_value
from local_redshift.errors import RedshiftError, not_imitated, not_in_redshift, syntax_error

Rewrite = Callable[[Sequence[Token]], str]
Inside = Sequence[Token]


def rewrite_call(name: str, inside: Inside, rewrite: Rewrite) -> str | None:
    """Rewrite a call from the tokens between its parentheses; None for a call that needs no special form.

    `rewrite` rewrites one argument.
    """
    form = FORMS.get(name)
    return None if form is None else form(inside, rewrite)


def _arguments(name: str, inside: Inside, least: int, most: int) -> list[Inside]:
    arguments = split_at(inside, ",")
    if not least <= len(arguments) <= most or any(not argument for argument in arguments):
        raise RedshiftError("42883", f"function {name.lower()} does not take {len(arguments)} arguments")
    return arguments


def _nvl(inside: Inside, rewrite: Rewrite) -> str:
    return f"COALESCE({rewrite(inside)})"


def _nvl2(inside: Inside, rewrite: Rewrite) -> str:
    tested, present, absent = (rewrite(argument) for argument in _arguments("NVL2", inside, 3, 3))
    return f"CASE WHEN ({tested}) IS NOT NULL THEN {present} ELSE {absent} END"


def _decode(inside: Inside, rewrite: Rewrite) -> str:
    tested, *cases = (rewrite(argument) for argument in _arguments("DECODE", inside, 3, 1000))
    # Unlike CASE, DECODE treats NULL as equal to NULL.
    pairs = zip(cases[::2], cases[1::2], strict=False)
    whens = " ".join(f"WHEN ({tested}) IS NOT DISTINCT FROM ({value}) THEN {result}" for value, result in pairs)
    otherwise = f" ELSE {cases[-1]}" if len(cases) % 2 else ""
    return f"CASE {whens}{otherwise} END"


def _concat(inside: Inside, rewrite: Rewrite) -> str:
    # Two arguments, and NULL if either is NULL. PostgreSQL's takes any number of arguments and skips NULL.
    left, right = (rewrite(argument) for argument in _arguments("CONCAT", inside, 2, 2))
    return f"(({left}) || ({right}))"


def _charindex(inside: Inside, rewrite: Rewrite) -> str:
    sought, text = (rewrite(argument) for argument in _arguments("CHARINDEX", inside, 2, 2))
    return f"strpos({text}, {sought})"


def _date_part_name(argument: Inside) -> str:
    if len(argument) != 1 or argument[0].kind not in (Kind.WORD, Kind.STRING):
        raise syntax_error(argument[0].text)
    token = argument[0]
    name = string_value(token) if token.kind is Kind.STRING else token.text
    try:
        return f"'{DATE_PARTS[name.upper()]}'"
    except KeyError:
        raise not_imitated(f'the date part "{name}"') from None


def _moment(argument: Inside, rewrite: Rewrite) -> str:
    text = rewrite(argument)
    # Redshift reads a bare literal as TIMESTAMP; PostgreSQL would read it as TIMESTAMPTZ.
    is_untyped = len(argument) == 1 and argument[0].kind in (Kind.STRING, Kind.PARAMETER)
    return f"{text}::timestamp" if is_untyped else text


def _dateadd(inside: Inside, rewrite: Rewrite) -> str:
    part, count, moment = _arguments("DATEADD", inside, 3, 3)
    return f"pg_catalog.dateadd({_date_part_name(part)}, ({rewrite(count)})::bigint, {_moment(moment, rewrite)})"


def _datediff(inside: Inside, rewrite: Rewrite) -> str:
    part, start, end = _arguments("DATEDIFF", inside, 3, 3)
    moments = f"{_moment(start, rewrite)}, {_moment(end, rewrite)}"
    return f"pg_catalog.datediff({_date_part_name(part)}, {moments})"


def _date_part(inside: Inside, rewrite: Rewrite) -> str:
    part, moment = _arguments("DATE_PART", inside, 2, 2)
    return f"date_part({_date_part_name(part)}, {_moment(moment, rewrite)})"


def _date_trunc(inside: Inside, rewrite: Rewrite) -> str:
    part, moment = _arguments("DATE_TRUNC", inside, 2, 2)
    if part[0].kind is not Kind.STRING:
        raise syntax_error(part[0].text)
    return f"date_trunc({_date_part_name(part)}, {_moment(moment, rewrite)})"


def _extract(inside: Inside, rewrite: Rewrite) -> str:
    halves = split_at(inside, "FROM")
    if len(halves) != 2 or not all(halves):
        raise syntax_error("")
    # Redshift returns whole numbers, PostgreSQL returns NUMERIC.
    return f"pg_redshift.date_part({_date_part_name(halves[0])}, {_moment(halves[1], rewrite)})"


def _cast(inside: Inside, rewrite: Rewrite) -> str:
    *value, type_tokens = split_at(inside, "AS")
    if len(value) != 1 or not value[0]:
        raise syntax_error("")
    return f"CAST({rewrite(value[0])} AS {_whole_type(type_tokens)})"


def _convert(inside: Inside, rewrite: Rewrite) -> str:
    type_tokens, value = _arguments("CONVERT", inside, 2, 2)
    return f"CAST({rewrite(value)} AS {_whole_type(type_tokens)})"


def _whole_type(tokens: Inside) -> str:
    cursor = TokenCursor(tokens)
    found = parse_type(cursor, in_cast=True)
    cursor.expect_end()
    return found.sql


def _substring(inside: Inside, rewrite: Rewrite) -> str:
    text, *numbers = split_at(inside, ",", "FROM", "FOR")
    if not text or not numbers or inside[len(text)].key == "FOR":
        raise not_imitated("SUBSTRING without FROM")
    # Whole numbers only: PostgreSQL would take a text for a regular expression.
    return f"substring({rewrite(text)}, {', '.join(f'({rewrite(number)})::integer' for number in numbers)})"


def _with_keywords(name: str, *keywords: str) -> Callable[[Inside, Rewrite], str]:
    """Build the rewriting of a call with keywords between its arguments: trim(both ' ' from x)."""

    def form(inside: Inside, rewrite: Rewrite) -> str:
        if len(split_at(inside, ",")) > 1:
            raise syntax_error(",")
        parts: list[str] = []
        start = 0
        for part in split_at(inside, *keywords):
            start += len(part) + 1
            parts.append(rewrite(part) if part else "")
            if start <= len(inside):
                parts.append(inside[start - 1].text)
        return f"{name}({' '.join(parts)})"

    return form


def _of_doubles(name: str, count: int = 1) -> Callable[[Inside, Rewrite], str]:
    """Build the rewriting of a call that returns DOUBLE PRECISION; PostgreSQL's of DECIMAL returns DECIMAL."""

    def form(inside: Inside, rewrite: Rewrite) -> str:
        is_distinct = inside[:1] and inside[0].key == "DISTINCT"
        arguments = _arguments(name, inside[1:] if is_distinct else inside, count, count)
        doubles = ", ".join(f"({rewrite(argument)})::double precision" for argument in arguments)
        return f"{name}({'DISTINCT ' if is_distinct else ''}{doubles})"

    return form


def _exactly(name: str, count: int, *, positive: bool = False) -> Callable[[Inside, Rewrite], str]:
    """Build the rewriting of a call that PostgreSQL takes with other arguments too; `positive`: the last one."""

    def form(inside: Inside, rewrite: Rewrite) -> str:
        arguments = _arguments(name, inside, count, count)
        if positive and arguments[-1][0].key == "-":
            raise not_imitated(f"{name} with a negative number")
        return f"{name}({', '.join(rewrite(argument) for argument in arguments)})"

    return form


def _offset_function(name: str) -> Callable[[Inside, Rewrite], str]:
    def form(inside: Inside, rewrite: Rewrite) -> str:
        if len(split_at(inside, ",")) > 2:
            raise not_in_redshift(f"a default value in the window function {name.lower()}")
        return f"{name}({rewrite(inside)})"

    return form


def _no_arguments(name: str) -> Callable[[Inside, Rewrite], str]:
    def form(inside: Inside, _: Rewrite) -> str:
        if inside:
            raise syntax_error(inside[0].text)
        return f"pg_catalog.{name}()"

    return form


FORMS: dict[str, Callable[[Inside, Rewrite], str]] = {
    "CAST": _cast,
    "CHARINDEX": _charindex,
    "CONCAT": _concat,
    "CONVERT": _convert,
    "DATEADD": _dateadd,
    "DATEDIFF": _datediff,
    "DATE_PART": _date_part,
    "DATE_TRUNC": _date_trunc,
    "DECODE": _decode,
    "CURRENT_SETTING": _exactly("current_setting", 1),
    "EXP": _of_doubles("exp"),
    "EXTRACT": _extract,
    "GETDATE": _no_arguments("getdate"),
    "LAG": _offset_function("lag"),
    "LEAD": _offset_function("lead"),
    "LEFT": _exactly("left", 2, positive=True),
    "NVL": _nvl,
    "NVL2": _nvl2,
    "GROUPING": _exactly("grouping", 1),
    "PG_TERMINATE_BACKEND": _exactly("pg_terminate_backend", 1),
    "POSITION": _with_keywords("position", "IN"),
    "POW": _of_doubles("power", 2),
    "POWER": _of_doubles("power", 2),
    "RANDOM": _no_arguments("random"),
    "RIGHT": _exactly("right", 2, positive=True),
    "SPLIT_PART": _exactly("split_part", 3, positive=True),
    "SQRT": _of_doubles("sqrt"),
    "SUBSTRING": _substring,
    "TO_TIMESTAMP": _exactly("to_timestamp", 2),
    "TRIM": _with_keywords("trim", "BOTH", "LEADING", "TRAILING", "FROM"),
    **{
        name: _of_doubles(name.lower())
        for name in ("STDDEV", "STDDEV_POP", "STDDEV_SAMP", "VARIANCE", "VAR_POP", "VAR_SAMP")
    },
}
