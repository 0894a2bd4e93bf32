"""Recognise a statement of Redshift's dialect and rewrite it for PostgreSQL. Pure.

`FORMS` lists every kind of statement that the local Redshift carries: those that the project sends. Any other kind is
refused. The parts of a statement are in `queries`, `subqueries`, `declared_keys`, `changes`, `tables`, `settings`,
`copy_statement`, `permissions`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from local_redshift.dialect.changes import check_join
from local_redshift.dialect.copy_statement import CopyFromS3, parse_copy
from local_redshift.dialect.cursors import close_statement, declare_head, fetch_statement, refuse_into
from local_redshift.dialect.declared_keys import NOTHING, Declared, believe
from local_redshift.dialect.permissions import alter_user, create_role, create_user, grant_statement
from local_redshift.dialect.queries import QUERY_WORDS, rewrite_query
from local_redshift.dialect.quoting import quote_identifier, quote_name
from local_redshift.dialect.settings import set_statement, show_statement
from local_redshift.dialect.subqueries import Name, relations_read, subqueries
from local_redshift.dialect.tables import alter_table, create_table
from local_redshift.dialect.token_cursor import TokenCursor, split_at
from local_redshift.dialect.tokens import Kind, Token, split_statements, tokenize
from local_redshift.errors import RedshiftError, not_imitated, not_in_redshift


@dataclass(frozen=True, slots=True)
class Forward:
    """A statement for PostgreSQL to run.

    It must be able to parse `subqueries` and `references` first: each subquery on its own, and a query of each table
    that a foreign key refers to. `relations` are the tables and views that it reads.
    `sort_index` is a second statement to run, which a table with a sort key needs.
    `only_alone`: it is carried outside a transaction only. `opens_cursor`: a session may have one cursor at a time.
    `empties` is the table whose rows it deletes, all of them, or "".
    """

    sql: str
    subqueries: tuple[str, ...] = ()
    sort_index: str = ""
    references: tuple[str, ...] = ()
    relations: frozenset[Name] = frozenset()
    declares_keys: bool = False
    only_alone: bool = False
    is_lock: bool = False
    opens_cursor: bool = False
    empties: str = ""


@dataclass(frozen=True, slots=True)
class Truncate:
    """A TRUNCATE, which on Redshift commits the transaction that it runs in."""

    sql: str


Statement = Forward | Truncate | CopyFromS3

NOT_IMITATED = frozenset(
    """ABORT ANALYZE CALL CANCEL COMMENT DEALLOCATE DESC DESCRIBE END EXECUTE EXPLAIN MERGE PREPARE REFRESH RESET REVOKE
    START UNLOAD USE VACUUM""".split()
)
# What CREATE, DROP and ALTER may be followed by on Redshift, and not here.
NOT_IMITATED_OBJECTS = frozenset(
    """DATABASE DATASHARE DEFAULT EXTERNAL FUNCTION GROUP LIBRARY LOCAL MATERIALIZED MODEL OR PROCEDURE ROLE SCHEMA
    USER""".split()
)
DROPPABLE = ("TABLE", "VIEW", "SCHEMA", "USER", "ROLE")
NO_SCHEMA_BINDING = ["WITH", "NO", "SCHEMA", "BINDING"]


def translate(sql: str, declared: Declared = NOTHING) -> list[Statement]:
    """Recognise and rewrite the statements of a text. Raises RedshiftError for a statement that is not carried.

    Their queries are planned as if the keys that are `declared` held.
    """
    return [_translate(TokenCursor(believe(tokens, declared))) for tokens in split_statements(tokenize(sql))]


def _translate(cursor: TokenCursor) -> Statement:
    word = cursor.peek()
    form = FORMS.get(word)
    if form is not None:
        return form(cursor)
    if word in NOT_IMITATED:
        raise not_imitated(word)
    if cursor.peek_kind() is Kind.WORD:
        raise not_in_redshift(f"the statement {word}")
    raise cursor.unexpected()


def _forward(tokens: Sequence[Token], head: str = "", *, writes: bool = False) -> Forward:
    sql = f"{head} {rewrite_query(tokens, writes=writes)}".strip()
    alone = tuple(rewrite_query(query) for query in subqueries(tokens))
    return Forward(sql, alone, relations=relations_read(tokens))


def _query(cursor: TokenCursor) -> Forward:
    tokens = cursor.rest()
    return _forward(tokens, writes=len(split_at(tokens, "INTO")) > 1)


def _following_query(cursor: TokenCursor) -> Sequence[Token]:
    if cursor.peek() not in QUERY_WORDS:
        raise cursor.unexpected()
    return cursor.rest()


def _with_query(cursor: TokenCursor) -> Forward:
    tokens = cursor.rest()
    if len(split_at(tokens, "INSERT", "MERGE")) > 1:
        raise not_in_redshift("WITH before INSERT or MERGE", hint="Write INSERT INTO … WITH … SELECT.")
    if len(split_at(tokens, "UPDATE", "DELETE")) > 1:
        raise not_imitated("WITH before UPDATE or DELETE")
    return _query(TokenCursor(tokens))


def _insert(cursor: TokenCursor) -> Forward:
    cursor.expect("INSERT", "INTO")
    head = f"INSERT INTO {cursor.qualified_name()}"
    if cursor.peek() == "(" and cursor.peek(1) not in QUERY_WORDS:
        names = ", ".join(quote_identifier(name) for name in cursor.name_list())
        head = f"{head} ({names})"
    if cursor.peek() == "DEFAULT":
        raise not_imitated("INSERT … DEFAULT VALUES")
    if cursor.accept("VALUES"):
        return _forward(cursor.rest(), f"{head} VALUES", writes=True)
    return _forward(_following_query(cursor), head, writes=True)


def _delete(cursor: TokenCursor) -> Forward:
    cursor.expect("DELETE")
    cursor.accept("FROM")
    target = cursor.dotted_name()
    has_alias = cursor.peek() not in ("", "USING", "WHERE")
    tokens = cursor.rest()
    table = quote_name(target)
    statement = _forward(tokens, " ".join(("DELETE FROM", table)), writes=True)
    if has_alias:
        raise not_in_redshift("an alias of the table in DELETE")
    check_join(target, tokens, "USING")
    return statement if tokens else replace(statement, empties=table)


def _update(cursor: TokenCursor) -> Forward:
    tokens = cursor.rest()
    statement = _forward(tokens, writes=True)
    cursor = TokenCursor(tokens)
    cursor.expect("UPDATE")
    check_join(cursor.dotted_name(), cursor.rest(), "FROM")
    return statement


def _create(cursor: TokenCursor) -> Forward:
    cursor.expect("CREATE")
    if cursor.accept("TABLE"):
        return _create_table(cursor, temporary=False)
    if cursor.accept_any("TEMP", "TEMPORARY"):
        if not cursor.accept("TABLE"):
            raise not_in_redshift(f"CREATE TEMP {cursor.peek()}")
        return _create_table(cursor, temporary=True)
    if cursor.accept("VIEW"):
        return _create_view(cursor)
    if cursor.accept("SCHEMA"):
        return _create_schema(cursor)
    if cursor.accept("USER"):
        return Forward(create_user(cursor))
    if cursor.accept("ROLE"):
        # No page of Redshift's guide says whether it may run inside a transaction.
        return Forward(create_role(cursor), only_alone=True)
    raise _other_object("CREATE", cursor)


def _create_table(cursor: TokenCursor, *, temporary: bool) -> Forward:
    table = create_table(cursor, temporary=temporary)
    return Forward(
        table.sql, sort_index=table.sort_index, references=table.references, declares_keys=table.declares_keys
    )


def _other_object(verb: str, cursor: TokenCursor) -> RedshiftError:
    feature = f"{verb} {cursor.peek()}"
    return not_imitated(feature) if cursor.peek() in NOT_IMITATED_OBJECTS else not_in_redshift(feature)


def _create_schema(cursor: TokenCursor) -> Forward:
    guard = "IF NOT EXISTS " if cursor.accept("IF", "NOT", "EXISTS") else ""
    name = quote_identifier(cursor.name())
    if cursor.peek() in ("AUTHORIZATION", "QUOTA"):
        raise not_imitated(f"CREATE SCHEMA … {cursor.peek()}")
    cursor.expect_end()
    return Forward(f"CREATE SCHEMA {guard}{name}")


def _create_view(cursor: TokenCursor) -> Forward:
    name = cursor.qualified_name()
    if cursor.peek() == "(":
        raise not_imitated("a list of columns in CREATE VIEW", instead="Name the columns in the query.")
    cursor.expect("AS")
    query = _following_query(cursor)
    if [token.key for token in query[-4:]] == NO_SCHEMA_BINDING:
        raise not_imitated("WITH NO SCHEMA BINDING")
    return _forward(query, f"CREATE VIEW {name} AS")


def _drop(cursor: TokenCursor) -> Forward:
    cursor.expect("DROP")
    kind = cursor.accept_any(*DROPPABLE)
    if not kind:
        raise _other_object("DROP", cursor)
    guard = "IF EXISTS " if cursor.accept("IF", "EXISTS") else ""
    names = _names(cursor)
    behaviour = cursor.accept_any("CASCADE", "RESTRICT")
    cursor.expect_end()
    return Forward(f"DROP {kind} {guard}{names} {behaviour}".rstrip())


def _names(cursor: TokenCursor) -> str:
    names = [cursor.qualified_name()]
    while cursor.accept(","):
        names.append(cursor.qualified_name())
    return ", ".join(names)


def _alter(cursor: TokenCursor) -> Forward:
    cursor.expect("ALTER")
    if cursor.accept("TABLE"):
        return Forward(alter_table(cursor))
    if cursor.accept("USER"):
        return Forward(alter_user(cursor))
    raise _other_object("ALTER", cursor)


def _truncate(cursor: TokenCursor) -> Truncate:
    cursor.expect("TRUNCATE")
    cursor.accept("TABLE")
    name = cursor.qualified_name()
    cursor.expect_end()
    return Truncate(f"TRUNCATE TABLE {name}")


def _lock(cursor: TokenCursor) -> Forward:
    cursor.expect("LOCK")
    cursor.accept("TABLE")
    names = _names(cursor)
    if cursor.peek() in ("IN", "NOWAIT"):
        raise not_in_redshift(f"LOCK … {cursor.peek()}", hint="Redshift has one lock mode: exclusive.")
    cursor.expect_end()
    return Forward(f"LOCK TABLE {names}", is_lock=True)


def _begin(cursor: TokenCursor) -> Forward:
    cursor.expect("BEGIN")
    cursor.accept_any("WORK", "TRANSACTION")
    if cursor.accept("READ", "ONLY"):
        cursor.expect_end()
        return Forward("BEGIN READ ONLY")
    if cursor.peek() in ("ISOLATION", "READ"):
        raise not_imitated(f"BEGIN … {cursor.peek()}")
    cursor.expect_end()
    return Forward("BEGIN")


def _declare(cursor: TokenCursor) -> Forward:
    head = declare_head(cursor)
    query = _following_query(cursor)
    refuse_into(TokenCursor(query))
    return replace(_forward(query, head), opens_cursor=True)


def _fetch(cursor: TokenCursor) -> Forward:
    return Forward(fetch_statement(cursor))


def _close(cursor: TokenCursor) -> Forward:
    return Forward(close_statement(cursor))


def _end(cursor: TokenCursor) -> Forward:
    word = cursor.next().key
    cursor.accept_any("WORK", "TRANSACTION")
    if cursor.peek() in ("TO", "PREPARED", "AND"):
        raise not_in_redshift(f"{word} {cursor.peek()}")
    cursor.expect_end()
    return Forward(word)


def _set(cursor: TokenCursor) -> Forward:
    cursor.expect("SET")
    return Forward(set_statement(cursor))


def _show(cursor: TokenCursor) -> Forward:
    cursor.expect("SHOW")
    return Forward(show_statement(cursor))


def _grant(cursor: TokenCursor) -> Forward:
    cursor.expect("GRANT")
    return Forward(grant_statement(cursor))


FORMS: dict[str, Callable[[TokenCursor], Statement]] = {
    "(": _query,
    "ALTER": _alter,
    "BEGIN": _begin,
    "CLOSE": _close,
    "COMMIT": _end,
    "COPY": parse_copy,
    "CREATE": _create,
    "DECLARE": _declare,
    "DELETE": _delete,
    "DROP": _drop,
    "FETCH": _fetch,
    "GRANT": _grant,
    "INSERT": _insert,
    "LOCK": _lock,
    "ROLLBACK": _end,
    "SELECT": _query,
    "SET": _set,
    "SHOW": _show,
    "TRUNCATE": _truncate,
    "UPDATE": _update,
    "WITH": _with_query,
}
