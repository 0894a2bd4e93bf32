"""A statement of Redshift's dialect, recognised and rewritten for PostgreSQL. Pure, and closed.

`translate` knows every kind of statement that the endpoint takes; any other is refused. What each may contain is in
`expressions` (queries), `tables`, `copy_statement`, `settings` and `principals`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local_redshift.copy_statement import CopyFromS3, parse_copy
from local_redshift.errors import not_in_endpoint, not_in_redshift
from local_redshift.expressions import QUERY_WORDS, rewrite_query
from local_redshift.principals import grant_statement, user_statement
from local_redshift.quoting import quote_identifier
from local_redshift.settings import reset_statement, set_statement, show_statement
from local_redshift.tables import alter_table, create_table, skip_table_attributes
from local_redshift.token_cursor import TokenCursor, split_at
from local_redshift.tokens import Kind, Token, split_statements, tokenize


@dataclass(frozen=True, slots=True)
class Forward:
    """A statement for PostgreSQL to run."""

    sql: str


@dataclass(frozen=True, slots=True)
class Truncate:
    """A TRUNCATE, which on Redshift commits the transaction that it runs in."""

    sql: str


@dataclass(frozen=True, slots=True)
class SetCaseSensitivity:
    """A statement for PostgreSQL that also decides whether names in quotes keep their case from now on."""

    sql: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Nothing:
    """A statement about physical design alone: nothing to do, but the tag to answer."""

    tag: str


Statement = Forward | Truncate | SetCaseSensitivity | Nothing | CopyFromS3

NOT_IMITATED = frozenset("CALL CANCEL CLOSE DEALLOCATE DECLARE EXECUTE FETCH PREPARE UNLOAD USE DESC DESCRIBE".split())
DROPPABLE = ("MATERIALIZED VIEW", "TABLE", "VIEW", "SCHEMA", "USER", "ROLE", "GROUP")
COMMENTABLE = ("TABLE", "VIEW", "COLUMN", "SCHEMA", "DATABASE")


def translate(sql: str, *, case_sensitive: bool = False) -> list[Statement]:
    """Recognise and rewrite the statements of a text. Raises RedshiftError for what Redshift would not take."""
    return [_Translator(tokens, case_sensitive).translate() for tokens in split_statements(tokenize(sql))]


class _Translator:
    def __init__(self, tokens: Sequence[Token], case_sensitive: bool) -> None:
        self.tokens = tokens
        self.case_sensitive = case_sensitive
        self.cursor = TokenCursor(tokens, case_sensitive=case_sensitive)

    def translate(self) -> Statement:
        word = self.cursor.peek()
        if word == "COPY":
            return parse_copy(self.tokens, case_sensitive=self.case_sensitive)
        if word == "(":
            return self.query()
        form = FORMS.get(word)
        if form is not None:
            return form(self)
        if word in NOT_IMITATED:
            raise not_in_endpoint(word)
        if self.tokens[0].kind is Kind.WORD:
            raise not_in_redshift(f"the statement {word}")
        raise self.cursor.unexpected()

    def rewrite(self, tokens: Sequence[Token]) -> str:
        return rewrite_query(tokens, case_sensitive=self.case_sensitive)

    def query(self) -> Forward:
        return Forward(self.rewrite(self.cursor.rest()))

    def query_to_come(self) -> Sequence[Token]:
        if self.cursor.peek() not in QUERY_WORDS:
            raise self.cursor.unexpected()
        return self.cursor.rest()

    def with_query(self) -> Forward:
        if len(split_at(self.tokens, "INSERT", "MERGE")) > 1:
            raise not_in_redshift("WITH before INSERT or MERGE", hint="Write INSERT INTO … WITH … SELECT.")
        return self.query()

    def insert(self) -> Forward:
        self.cursor.expect("INSERT", "INTO")
        head = f"INSERT INTO {self.cursor.qualified_name()}"
        if self.cursor.peek() == "(" and self.cursor.peek(1) not in QUERY_WORDS:
            names = ", ".join(quote_identifier(name) for name in self.cursor.name_list())
            head = f"{head} ({names})"
        if self.cursor.accept("DEFAULT", "VALUES"):
            self.cursor.expect_end()
            return Forward(f"{head} DEFAULT VALUES")
        if self.cursor.accept("VALUES"):
            return Forward(f"{head} VALUES {self.rewrite(self.cursor.rest())}")
        return Forward(f"{head} {self.rewrite(self.query_to_come())}")

    def delete(self) -> Forward:
        self.cursor.expect("DELETE")
        self.cursor.accept("FROM")
        name = self.cursor.qualified_name()
        return Forward(" ".join(("DELETE FROM", name, self.rewrite(self.cursor.rest()))).rstrip())

    def merge(self) -> Forward:
        keys = [token.key for token in self.tokens]
        text = " ".join(keys)
        if "REMOVE DUPLICATES" in text:
            raise not_in_endpoint("MERGE … REMOVE DUPLICATES")
        self.cursor.expect("MERGE", "INTO")
        self.cursor.qualified_name()
        if self.cursor.peek() != "USING":
            raise not_in_redshift("an alias of MERGE's target")
        for feature in ("DO NOTHING", "BY SOURCE", "BY TARGET", "MATCHED AND", "OVERRIDING"):
            if feature in text:
                raise not_in_redshift(f"{feature} in MERGE")
        if "WHEN MATCHED THEN" not in text or "WHEN NOT MATCHED THEN INSERT" not in text:
            raise not_in_redshift("MERGE without both WHEN MATCHED and WHEN NOT MATCHED")
        # Only the INSERT branch may have VALUES, and only as the last thing.
        position = keys.index("VALUES") if "VALUES" in keys else len(keys)
        tail = f" VALUES {self.rewrite(self.tokens[position + 1 :])}" if position < len(keys) else ""
        return Forward(self.merge_head(self.tokens[:position]) + tail)

    def merge_head(self, tokens: Sequence[Token]) -> str:
        """Rewrite a MERGE up to its VALUES; the columns after INSERT are no call."""
        for position in range(len(tokens) - 1, 0, -1):
            if tokens[position].key == "INSERT" and tokens[position + 1 :]:
                columns = TokenCursor(tokens[position + 1 :], case_sensitive=self.case_sensitive)
                names = ", ".join(quote_identifier(name) for name in columns.name_list())
                columns.expect_end()
                return f"{self.rewrite(tokens[:position])} INSERT ({names})"
        return self.rewrite(tokens)

    def create(self) -> Forward:
        cursor = self.cursor
        cursor.expect("CREATE")
        replace = cursor.accept("OR", "REPLACE")
        if cursor.accept("MATERIALIZED", "VIEW") and not replace:
            return self.create_materialized_view()
        if cursor.accept("VIEW"):
            return self.create_view("CREATE OR REPLACE VIEW" if replace else "CREATE VIEW")
        cursor.accept("LOCAL")
        temporary = bool(cursor.accept_any("TEMP", "TEMPORARY"))
        if not replace and cursor.accept("TABLE"):
            return Forward(create_table(cursor, temporary=temporary, case_sensitive=self.case_sensitive))
        if not (replace or temporary):
            if cursor.accept("SCHEMA"):
                return self.create_schema()
            if cursor.accept("USER"):
                return Forward(user_statement("CREATE", cursor))
            if word := cursor.accept_any("ROLE", "GROUP"):
                name = quote_identifier(cursor.name())
                cursor.expect_end()
                return Forward(f"CREATE {word} {name}")
        if cursor.peek() in ("PROCEDURE", "FUNCTION", "LIBRARY", "EXTERNAL", "MODEL", "DATASHARE", "DATABASE"):
            raise not_in_endpoint(f"CREATE {cursor.peek()}")
        raise not_in_redshift(f"CREATE {cursor.peek()}")

    def create_schema(self) -> Forward:
        cursor = self.cursor
        guard = "IF NOT EXISTS " if cursor.accept("IF", "NOT", "EXISTS") else ""
        name = quote_identifier(cursor.name())
        owner = f" AUTHORIZATION {quote_identifier(cursor.name())}" if cursor.accept("AUTHORIZATION") else ""
        if cursor.peek() == "QUOTA":
            raise not_in_endpoint("a schema's QUOTA")
        cursor.expect_end()
        return Forward(f"CREATE SCHEMA {guard}{name}{owner}")

    def create_view(self, head: str) -> Forward:
        cursor = self.cursor
        name = cursor.qualified_name()
        names = ""
        if cursor.peek() == "(":
            names = f" ({', '.join(quote_identifier(column) for column in cursor.name_list())})"
        cursor.expect("AS")
        query = self.query_to_come()
        if [token.key for token in query[-4:]] == ["WITH", "NO", "SCHEMA", "BINDING"]:
            # PostgreSQL binds it all the same: dropping a table under it fails here, and does not on Redshift.
            query = query[:-4]
        return Forward(f"{head} {name}{names} AS {self.rewrite(query)}")

    def create_materialized_view(self) -> Forward:
        cursor = self.cursor
        name = cursor.qualified_name()
        skip_table_attributes(cursor)
        if cursor.accept("AUTO", "REFRESH"):
            if cursor.accept("YES"):
                raise not_in_endpoint("AUTO REFRESH YES")
            cursor.expect("NO")
        cursor.expect("AS")
        return Forward(f"CREATE MATERIALIZED VIEW {name} AS {self.rewrite(self.query_to_come())}")

    def drop(self) -> Forward:
        self.cursor.expect("DROP")
        for kind in DROPPABLE:
            if self.cursor.accept(*kind.split()):
                break
        else:
            raise not_in_redshift(f"DROP {self.cursor.peek()}")
        guard = "IF EXISTS " if self.cursor.accept("IF", "EXISTS") else ""
        names = self.names()
        behaviour = self.cursor.accept_any("CASCADE", "RESTRICT")
        self.cursor.expect_end()
        return Forward(f"DROP {kind} {guard}{names}{' ' + behaviour if behaviour else ''}")

    def names(self) -> str:
        names = [self.cursor.qualified_name()]
        while self.cursor.accept(","):
            names.append(self.cursor.qualified_name())
        return ", ".join(names)

    def alter(self) -> Statement:
        cursor = self.cursor
        cursor.expect("ALTER")
        if cursor.accept("TABLE"):
            sql = alter_table(cursor, case_sensitive=self.case_sensitive)
            return Nothing("ALTER TABLE") if sql is None else Forward(sql)
        if cursor.accept("USER"):
            return Forward(user_statement("ALTER", cursor))
        if cursor.accept("SCHEMA"):
            name = quote_identifier(cursor.name())
            action = "RENAME TO" if cursor.accept("RENAME", "TO") else "OWNER TO"
            if action == "OWNER TO":
                cursor.expect("OWNER", "TO")
            target = quote_identifier(cursor.name())
            cursor.expect_end()
            return Forward(f"ALTER SCHEMA {name} {action} {target}")
        if cursor.accept("DEFAULT", "PRIVILEGES"):
            raise not_in_endpoint("ALTER DEFAULT PRIVILEGES")
        raise not_in_redshift(f"ALTER {cursor.peek()}")

    def truncate(self) -> Truncate:
        self.cursor.expect("TRUNCATE")
        self.cursor.accept("TABLE")
        name = self.cursor.qualified_name()
        self.cursor.expect_end()
        return Truncate(f"TRUNCATE TABLE {name}")

    def lock(self) -> Forward:
        self.cursor.expect("LOCK")
        self.cursor.accept("TABLE")
        names = self.names()
        if self.cursor.peek() in ("IN", "NOWAIT"):
            raise not_in_redshift(f"LOCK … {self.cursor.peek()}", hint="Redshift has one lock mode: exclusive.")
        self.cursor.expect_end()
        return Forward(f"LOCK TABLE {names}")

    def begin(self) -> Forward:
        cursor = self.cursor
        if cursor.accept("START"):
            cursor.expect("TRANSACTION")
        else:
            cursor.expect("BEGIN")
            cursor.accept_any("WORK", "TRANSACTION")
        mode = ""
        while not cursor.at_end:
            if cursor.accept("ISOLATION", "LEVEL"):
                # Taken and ignored, as on Redshift, where the database decides.
                if not (cursor.accept_any("SERIALIZABLE", "SNAPSHOT") or cursor.accept("REPEATABLE", "READ")):
                    raise cursor.unexpected()
            elif cursor.accept("READ", "ONLY"):
                mode = " READ ONLY"
            else:
                cursor.expect("READ", "WRITE")
            cursor.accept(",")
        return Forward(f"BEGIN{mode}")

    def end(self) -> Forward:
        word = self.cursor.next().key
        self.cursor.accept_any("WORK", "TRANSACTION")
        if self.cursor.peek() in ("TO", "PREPARED", "AND"):
            raise not_in_redshift(f"{word} {self.cursor.peek()}")
        self.cursor.expect_end()
        return Forward("COMMIT" if word in ("COMMIT", "END") else "ROLLBACK")

    def set(self) -> Statement:
        self.cursor.expect("SET")
        return _with_case(*set_statement(self.cursor))

    def reset(self) -> Statement:
        self.cursor.expect("RESET")
        return _with_case(*reset_statement(self.cursor))

    def show(self) -> Forward:
        self.cursor.expect("SHOW")
        return Forward(show_statement(self.cursor))

    def grant(self) -> Forward:
        verb = self.cursor.next().key
        return Forward(grant_statement(verb, self.cursor, case_sensitive=self.case_sensitive))

    def comment(self) -> Forward:
        self.cursor.expect("COMMENT", "ON")
        kind = self.cursor.accept_any(*COMMENTABLE)
        if not kind:
            raise not_in_redshift(f"COMMENT ON {self.cursor.peek()}")
        name = self.cursor.qualified_name()
        self.cursor.expect("IS")
        return Forward(f"COMMENT ON {kind} {name} IS {self.rewrite(self.cursor.rest())}")

    def analyze(self) -> Forward:
        cursor = self.cursor
        cursor.expect("ANALYZE")
        if cursor.peek() == "COMPRESSION":
            raise not_in_endpoint("ANALYZE COMPRESSION")
        cursor.accept("VERBOSE")
        name = "" if cursor.at_end else f" {cursor.qualified_name()}"
        cursor.accept("PREDICATE", "COLUMNS") or cursor.accept("ALL", "COLUMNS")
        cursor.expect_end()
        return Forward(f"ANALYZE{name}")

    def vacuum(self) -> Forward:
        cursor = self.cursor
        cursor.expect("VACUUM")
        if not cursor.accept_any("FULL", "REINDEX", "RECLUSTER") and cursor.accept_any("SORT", "DELETE"):
            cursor.expect("ONLY")
        name = "" if cursor.at_end else f" {cursor.qualified_name()}"
        if cursor.accept("TO"):
            cursor.integer()
            cursor.expect("PERCENT")
        cursor.accept("BOOST")
        cursor.expect_end()
        return Forward(f"VACUUM{name}")

    def explain(self) -> Forward:
        self.cursor.expect("EXPLAIN")
        if self.cursor.peek() in ("ANALYZE", "ANALYSE", "("):
            raise not_in_redshift("EXPLAIN with options", hint="Redshift explains without running.")
        head = "EXPLAIN VERBOSE" if self.cursor.accept("VERBOSE") else "EXPLAIN"
        explained = _Translator(self.cursor.rest(), self.case_sensitive).translate()
        if not isinstance(explained, Forward):
            raise not_in_redshift("EXPLAIN of this statement")
        return Forward(f"{head} {explained.sql}")

    def refresh(self) -> Forward:
        self.cursor.expect("REFRESH", "MATERIALIZED", "VIEW")
        name = self.cursor.qualified_name()
        self.cursor.expect_end()
        return Forward(f"REFRESH MATERIALIZED VIEW {name}")


def _with_case(sql: str, case_sensitive: bool | None) -> Statement:
    return Forward(sql) if case_sensitive is None else SetCaseSensitivity(sql, case_sensitive)


FORMS: dict[str, Callable[[_Translator], Statement]] = {
    "ABORT": _Translator.end,
    "ALTER": _Translator.alter,
    "ANALYZE": _Translator.analyze,
    "BEGIN": _Translator.begin,
    "COMMENT": _Translator.comment,
    "COMMIT": _Translator.end,
    "CREATE": _Translator.create,
    "DELETE": _Translator.delete,
    "DROP": _Translator.drop,
    "END": _Translator.end,
    "EXPLAIN": _Translator.explain,
    "GRANT": _Translator.grant,
    "INSERT": _Translator.insert,
    "LOCK": _Translator.lock,
    "MERGE": _Translator.merge,
    "REFRESH": _Translator.refresh,
    "RESET": _Translator.reset,
    "REVOKE": _Translator.grant,
    "ROLLBACK": _Translator.end,
    "SELECT": _Translator.query,
    "SET": _Translator.set,
    "SHOW": _Translator.show,
    "START": _Translator.begin,
    "TRUNCATE": _Translator.truncate,
    "UPDATE": _Translator.query,
    "VACUUM": _Translator.vacuum,
    "WITH": _Translator.with_query,
}
