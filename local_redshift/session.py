"""One client's session: its statements are translated and run in one session with PostgreSQL."""

import json
import select
import socket
import ssl
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from local_redshift.activity import Activity
from local_redshift.copy.load import S3Load
from local_redshift.copy.load_errors import LoadError, LoadFailed
from local_redshift.copy.s3_objects import ObjectReader
from local_redshift.databases import Databases
from local_redshift.dialect.copy_statement import CopyFromS3
from local_redshift.dialect.declared_keys import DeclaredTable, ForeignKey
from local_redshift.dialect.quoting import quote_literal, quote_name
from local_redshift.dialect.statements import Forward, Statement, Truncate, translate
from local_redshift.dialect.subqueries import Name
from local_redshift.errors import (
    INTERNAL_ERROR,
    INVALID_AUTHORIZATION,
    UNDEFINED_COLUMN,
    UNDEFINED_TABLE,
    RedshiftError,
    not_imitated,
)
from local_redshift.temporary_tables import delete_all
from local_redshift.wire import messages
from local_redshift.wire.answers import command_complete, error_answer, notice, translate_message
from local_redshift.wire.upstream import Upstream, UpstreamError, send_cancel_request

START_TIMEOUT_SECONDS = 30.0
RELAY_BYTES = 65_536
# The driver's start-up parameters that PostgreSQL knows; it would refuse the others.
PASSED_PARAMETERS = ("application_name", "client_encoding", "extra_float_digits")
SNAPSHOT, SERIALIZABLE = "repeatable read", "serializable"
SESSION_SETTINGS = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO, MDY",
    "TimeZone": "UTC",
    # A backslash in a string is an escape, as in Redshift.
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
}
# The driver reads rowcount from the tag; after COPY it is documented as -1.
COPY_TAG = "COPY -1"
# It fails and changes nothing else, so that a refused statement aborts its transaction as a failed one does.
ABORT_TRANSACTION = "ROLLBACK TO SAVEPOINT refused_by_the_local_redshift_endpoint"


# Portals of the protocol are in the view too.
OPEN_CURSORS = "SELECT count(*)::text FROM pg_cursors WHERE statement ILIKE 'DECLARE %'"
# Until the client sets another limit in the same transaction. It takes no snapshot.
UNLIMITED = "SET LOCAL statement_timeout TO 0"


@dataclass(frozen=True, slots=True)
class SharedState:
    """What the sessions of one endpoint share. `roles` returns the roles that COPY may name now.

    `isolation` is PostgreSQL's name of a level. Redshift has SNAPSHOT, a new warehouse's default, and SERIALIZABLE.
    `limits_lock_waits`: statement_timeout ends a LOCK that waits. No document says whether it does on Redshift.
    """

    databases: Databases
    reader: ObjectReader
    tls: ssl.SSLContext | None
    roles: Callable[[], frozenset[str]]
    isolation: str = SNAPSHOT
    limits_lock_waits: bool = True
    activity: Activity = field(default_factory=Activity)
    # The databases in which a table has declared a key.
    with_keys: set[str] = field(default_factory=set)


class Session:
    """A session from its first byte to its last; `run` returns when it is over."""

    def __init__(self, connection: socket.socket, shared: SharedState) -> None:
        self._shared = shared
        self.client = messages.Channel(connection)
        self.upstream: Upstream | None = None
        self._watching = True
        self._database = ""
        self._is_reader = False

    def abort(self) -> None:
        """End the session from another thread."""
        self.client.abort()
        if self.upstream is not None:
            self.upstream.channel.abort()

    def run(self, serve: Callable[["Session"], None]) -> None:
        """Log the client in, and serve it until either side leaves; an open transaction is then rolled back."""
        clean = False
        try:
            self.client.connection.settimeout(START_TIMEOUT_SECONDS)
            if self._start():
                self.client.connection.settimeout(None)
                serve(self)
            clean = True
        except RedshiftError as error:
            with suppress(messages.ConnectionLost):
                self.client.send(error_answer(error, "FATAL"))
        except messages.ConnectionLost:
            pass
        finally:
            if self.upstream is not None:
                if not clean:
                    self.upstream.cancel()
                self.upstream.close()
            self.client.close()

    def _start(self) -> bool:
        """Log the client in; return False when the connection was only for a cancel request."""
        code, body = self._negotiate_encryption()
        if code == messages.CANCEL_REQUEST:
            send_cancel_request(self._shared.databases.address, body)
            return False
        if code != messages.PROTOCOL_VERSION:
            raise RedshiftError("08P01", "unsupported frontend protocol")
        if self._shared.tls is not None and not isinstance(self.client.connection, ssl.SSLSocket):
            raise RedshiftError(INVALID_AUTHORIZATION, "this server requires SSL: connect with ssl=True")
        start = messages.decode_parameters(body)
        if start.get("options"):
            raise not_imitated("the start-up parameter options", instead="Use SET.")
        self._database = start.get("database") or start.get("user", "")
        parameters = {name: start[name] for name in PASSED_PARAMETERS if name in start}
        # Redshift writes IAM:name for a user who logged in with temporary credentials.
        parameters |= {"default_transaction_isolation": self._shared.isolation, **SESSION_SETTINGS}
        parameters |= {"user": start.get("user", "").split(":")[-1], "database": self._database}
        self.client.send(messages.encode(b"R", struct.pack("!i", 3)))
        password = self.client.receive(messages.MAX_STARTUP_BYTES)
        if password.kind != b"p":
            raise RedshiftError("08P01", "expected a password")
        address = self._shared.databases.address
        self.upstream = Upstream(address, parameters, password.body.rstrip(b"\0").decode(errors="replace"))
        self._learn()
        self.upstream.channel.before_waiting = self._watch_client
        self.client.before_waiting = self._watch_upstream
        announced = b"".join(translate_message(message) for message in self.upstream.announced)
        self.client.send(
            messages.encode(b"R", struct.pack("!i", 0))
            + announced
            + messages.encode(b"K", self.upstream.backend_key)
            + messages.ready_for_query(messages.IDLE)
        )
        return True

    def _learn(self) -> None:
        """Learn whether the user owns the database, and whether a table in it declares a key."""
        owner = "(SELECT datdba::regrole = current_user::regrole FROM pg_database WHERE datname = current_database())"
        keys = "EXISTS (SELECT FROM pg_redshift.declared_keys)"
        ((is_owner, has_keys),) = self.postgres.query(f"SELECT {owner}, {keys}").rows
        self._is_reader = is_owner != "t"
        if has_keys == "t":
            self._shared.with_keys.add(self._database)

    def _negotiate_encryption(self) -> tuple[int, bytes]:
        tls = self._shared.tls
        while True:
            code, body = self.client.receive_startup()
            if code == messages.SSL_REQUEST and tls is not None:
                if self.client.buffered:
                    raise messages.ConnectionLost("unencrypted bytes before the handshake")
                self.client.send(b"S")
                try:
                    self.client = messages.Channel(tls.wrap_socket(self.client.connection, server_side=True))
                except OSError as error:
                    raise messages.ConnectionLost("the TLS handshake failed") from error
            elif code in (messages.SSL_REQUEST, messages.GSS_ENCRYPTION_REQUEST):
                self.client.send(b"N")
            else:
                return code, body

    @property
    def activity(self) -> Activity:
        """The time in which any session works."""
        return self._shared.activity

    @property
    def status(self) -> bytes:
        """The state of the transaction."""
        return self.postgres.transaction_status

    @property
    def postgres(self) -> Upstream:
        """The session with PostgreSQL."""
        if self.upstream is None:
            raise messages.ConnectionLost("not logged in")
        return self.upstream

    def relay(self) -> None:
        """Pass on PostgreSQL's whole answer."""
        self.relay_until((b"Z",))

    def relay_until(self, kinds: Iterable[bytes]) -> messages.Message:
        """Pass on PostgreSQL's answer up to a message of one of these kinds, included, and return that message."""
        out = bytearray()
        while True:
            message = self.postgres.channel.receive()
            out += translate_message(message)
            if message.kind == b"Z":
                self.postgres.transaction_status = message.body
            if message.kind in kinds:
                self.client.send(out)
                return message
            if len(out) >= RELAY_BYTES:
                self.client.send(out)
                out.clear()

    def abort_transaction(self) -> None:
        """Put an open transaction into the state that a failed statement causes."""
        if self.status == messages.IN_TRANSACTION:
            with suppress(UpstreamError):
                self.postgres.query(ABORT_TRANSACTION)

    def translate(self, sql: str) -> list[Statement]:
        """Translate the statements of a text, and remember that one declares a key. Raises RedshiftError."""
        statements = translate(sql)
        if any(isinstance(statement, Forward) and statement.declares_keys for statement in statements):
            self._shared.with_keys.add(self._database)
        is_alone = self.status == messages.IDLE and len(statements) == 1
        if not is_alone and any(isinstance(statement, Forward) and statement.only_alone for statement in statements):
            raise not_imitated("CREATE ROLE inside a transaction", instead="Commit first.")
        return statements

    def must_ask(self, statement: Statement) -> bool:
        """Whether the endpoint must ask PostgreSQL about a statement before it passes the statement on."""
        if not isinstance(statement, Forward):
            return False
        needs_keys = self._database in self._shared.with_keys or self._is_reader
        reads = statement.relations and needs_keys
        return bool(statement.subqueries or statement.references or reads or statement.opens_cursor)

    def checked(self, sql: str, statement: Statement) -> Statement:
        """Check a statement, and plan it as Redshift does, within messages that a Sync ends. Raises RedshiftError."""
        if not isinstance(statement, Forward):
            return statement
        self._check(statement)
        if statement.opens_cursor and self.postgres.ask(OPEN_CURSORS) != "0":
            raise RedshiftError(
                "55006", "only one cursor at a time can be open per session", hint="CLOSE the other one."
            )
        if not statement.relations:
            return statement
        names = ", ".join(quote_literal(quote_name(name)) for name in sorted(statement.relations))
        if self._is_reader:
            self.postgres.ask(f"SELECT pg_redshift.check_usage(ARRAY[{names}])")
        if self._database not in self._shared.with_keys:
            return statement
        answer = self.postgres.ask(f"SELECT pg_redshift.declared_tables(ARRAY[{names}])")
        (planned,) = translate(sql, _read_declared(answer or "[]", statement.relations))
        return planned

    def _check(self, statement: Forward) -> None:
        for query in statement.references:
            self.postgres.parse(query)
        for query in statement.subqueries:
            try:
                self.postgres.parse(query)
            except UpstreamError as error:
                if error.sqlstate not in (UNDEFINED_TABLE, UNDEFINED_COLUMN) or error.message.startswith("relation"):
                    raise
                refusal = not_imitated("a correlated subquery", instead="Write a join.")
                refusal.detail = f"The subquery alone: {error.message}"
                raise refusal from error

    def runs_itself(self, statement: Forward, *, is_alone: bool = True) -> bool:
        """Whether the endpoint runs the statement and does not simply pass it on.

        It runs a LOCK whose wait has no limit, the CREATE TABLE of a table with a sort key, and, if it `is_alone` in
        its text, a DELETE of all rows.
        """
        is_endless_lock = statement.is_lock and not self._shared.limits_lock_waits
        return bool(statement.sort_index or (statement.empties and is_alone)) or is_endless_lock

    def execute(self, statement: Statement) -> bytes:
        """Run a statement that is not simply passed on, and return the answer. Raises RedshiftError."""
        if self.status == messages.FAILED_TRANSACTION:
            message = "current transaction is aborted, commands ignored until end of transaction block"
            raise RedshiftError("25P02", message)
        match statement:
            case Truncate(sql):
                in_transaction = self.status == messages.IN_TRANSACTION
                self.postgres.query(sql)
                if in_transaction:
                    self.postgres.query("COMMIT")
                return command_complete("TRUNCATE TABLE")
            case CopyFromS3():
                return self._copy(statement)
            case Forward(sql, empties=table) if table:
                return command_complete(delete_all(self.postgres, sql, table))
            case Forward(sql):
                if statement.is_lock:
                    self.postgres.query(UNLIMITED)
                tag = self.postgres.query(sql).tag
                if statement.sort_index:
                    self.postgres.query(statement.sort_index)
                return command_complete(tag)

    def _copy(self, load: CopyFromS3) -> bytes:
        if load.role not in self._shared.roles():
            message = f"User is not authorized to assume IAM Role {load.role}"
            raise RedshiftError(INTERNAL_ERROR, message, detail="The role is not associated with the namespace.")
        # A COPY outside a transaction continues when its client has left, as on Redshift.
        self._watching = self.status == messages.IN_TRANSACTION
        pause = self._notice_departure if self._watching else _go_on
        try:
            rows = S3Load(load, self.postgres, self._shared.reader, pause).run()
        except LoadFailed as failure:
            self._record(load, failure.error)
            message = (
                f"Load into table '{load.table_name}' failed.  Check 'sys_load_error_detail' system table for details."
            )
            raise RedshiftError(INTERNAL_ERROR, message) from failure
        finally:
            self._watching = True
        done = notice(f"Load into table '{load.table_name}' completed, {rows} record(s) loaded successfully.")
        return done + command_complete(COPY_TAG)

    def _record(self, load: CopyFromS3, error: LoadError) -> None:
        (session_id,) = struct.unpack_from("!i", self.postgres.backend_key)
        self._shared.databases.record_load_error(self._database, session_id, load.table, error)

    def _watch_client(self) -> None:
        """Wait for PostgreSQL, and notice when the client leaves in the meantime: its locks must not outlive it."""
        if not self._watching:
            return
        upstream = self.postgres.channel.connection.fileno()
        poll = select.poll()
        poll.register(upstream, select.POLLIN)
        poll.register(self.client.connection.fileno(), select.POLLIN)
        # A client that sends ahead has not left; its messages wait in the buffer.
        while not self.client.buffered:
            if any(descriptor == upstream for descriptor, _ in poll.poll()):
                return
            self.client.fill()

    def _watch_upstream(self) -> None:
        """Wait for the client, and pass on what PostgreSQL sends on its own, such as the end of the session."""
        client = self.client.connection.fileno()
        poll = select.poll()
        poll.register(client, select.POLLIN)
        poll.register(self.postgres.channel.connection.fileno(), select.POLLIN)
        while not self.client.buffered and not any(descriptor == client for descriptor, _ in poll.poll()):
            self.client.send(translate_message(self.postgres.channel.receive()))

    def _notice_departure(self) -> None:
        """Notice that the client has left, without waiting."""
        poll = select.poll()
        poll.register(self.client.connection.fileno(), select.POLLIN)
        while not self.client.buffered and poll.poll(0):
            self.client.fill()


def _go_on() -> None:
    return


def _read_declared(answer: str, relations: Iterable[Name]) -> dict[Name, DeclaredTable]:
    """Read the answer of `pg_redshift.declared_tables`."""
    by_name = {quote_name(name): name for name in relations}
    return {by_name[table["name"]]: _read_table(table) for table in json.loads(answer)}


def _read_table(table: dict[str, Any]) -> DeclaredTable:
    not_null = frozenset(table["not_null"])
    keys = table["keys"] or []
    unique = (frozenset(key["columns"]) for key in keys if key["kind"] != "FOREIGN KEY")
    return DeclaredTable(
        number=table["number"],
        columns=frozenset(table["columns"]),
        not_null=not_null,
        keys=tuple(key for key in unique if key <= not_null),
        foreign_keys=tuple(
            ForeignKey(key["columns"][0], key["refers_to"], key["referred"][0])
            for key in keys
            # Of a key with several columns, the order is not kept.
            if key["kind"] == "FOREIGN KEY" and len(key["columns"]) == 1 and key["referred"]
        ),
    )
