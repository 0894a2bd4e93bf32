"""The two ways in which a client sends statements: simple (Q), and extended (Parse, Bind, Execute … Sync)."""

from local_redshift.dialect.statements import Forward, Statement
from local_redshift.errors import RedshiftError, not_imitated, not_in_redshift
from local_redshift.session import Session
from local_redshift.wire import messages
from local_redshift.wire.answers import error_answer

# The messages with which PostgreSQL ends its answer to each message.
ANSWERS = {
    b"P": (b"1", b"E"),
    b"B": (b"2", b"E"),
    b"D": (b"T", b"n", b"E"),
    b"E": (b"C", b"I", b"s", b"E"),
    b"C": (b"3", b"E"),
}
MAX_PENDING_BYTES = 1024 * 1024
NO_PARAMETERS = messages.encode(b"t", b"\0\0")
NO_DATA = messages.encode(b"n")


def serve(session: Session) -> None:
    """Serve a client that has logged in, until it ends the session."""
    batch = _Batch(session)
    while True:
        message = session.client.receive(messages.MAX_CLIENT_MESSAGE_BYTES)
        match message.kind:
            case b"X":
                session.postgres.channel.send(message.encode())
                return
            case b"Q":
                with session.activity.work():
                    _simple_query(session, message.body)
            case b"S":
                with session.activity.work():
                    batch.sync()
            case b"H":
                # The driver flushes after every message and waits for none of the answers: batches end at Sync.
                continue
            case kind if kind in ANSWERS:
                with session.activity.work():
                    batch.take(message)
            case kind:
                raise messages.ConnectionLost(f"a message of kind {kind!r}")


def _cut(body: bytes, parts: int) -> list[bytes]:
    """Cut a message's body at its first zero bytes."""
    cut = body.split(b"\0", parts - 1)
    if len(cut) < parts:
        raise messages.ConnectionLost("a malformed message")
    return cut


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise RedshiftError("22021", "invalid byte sequence for encoding UTF8") from None


def _simple_query(session: Session, body: bytes) -> None:
    try:
        sql = _text(body.rstrip(b"\0"))
        statements = _checked(session, sql, session.translate(sql))
        is_alone = len(statements) == 1
        forwarded = [
            statement.sql
            for statement in statements
            if isinstance(statement, Forward) and not session.runs_itself(statement, is_alone=is_alone)
        ]
        if len(forwarded) == len(statements):
            session.postgres.channel.send(messages.encode(b"Q", "; ".join(forwarded).encode() + b"\0"))
            session.relay()
            return
        if not is_alone:
            raise not_imitated("COPY, TRUNCATE or a SORTKEY among several statements in one string")
        answer = session.execute(statements[0])
    except RedshiftError as error:
        session.abort_transaction()
        answer = error_answer(error)
    session.client.send(answer + messages.ready_for_query(session.status))


def _checked(session: Session, sql: str, statements: list[Statement]) -> list[Statement]:
    if not any(session.must_ask(statement) for statement in statements):
        return statements
    if len(statements) > 1:
        raise not_imitated("a query that needs a check among several statements in one string")
    try:
        return [session.checked(sql, statements[0])]
    finally:
        session.postgres.sync()


class _Batch:
    """The messages between two Syncs.

    Messages for PostgreSQL are collected and sent at once. Before the endpoint answers a statement that it runs itself,
    it lets PostgreSQL answer the messages that came earlier.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pending = bytearray()
        self._awaited: list[tuple[bytes, ...]] = []
        self._statements: dict[bytes, Statement] = {}
        self._portals: dict[bytes, Statement] = {}
        self._sent = False  # PostgreSQL has received messages that need a Sync
        self._failed = False  # an error was sent: skip everything up to Sync
        self._refused = False  # and the endpoint raised it, so PostgreSQL does not know of it

    def take(self, message: messages.Message) -> None:
        if self._failed:
            return
        try:
            answer = self._own_answer(message)
        except RedshiftError as error:
            self._drain()
            if not self._failed:
                self._session.client.send(error_answer(error))
                self._failed = self._refused = True
            return
        if answer is None:
            if len(self._pending) > MAX_PENDING_BYTES:
                self._drain()
        else:
            self._session.client.send(answer)

    def sync(self) -> None:
        session = self._session
        if self._sent or self._pending:
            session.postgres.channel.send(self._pending + messages.encode(b"S"))
            if self._refused:
                while (message := session.postgres.channel.receive()).kind != b"Z":
                    continue
                session.postgres.transaction_status = message.body
            else:
                session.relay()
        if self._refused:
            session.abort_transaction()
        if self._refused or not (self._sent or self._pending):
            session.client.send(messages.ready_for_query(session.status))
        self._pending.clear()
        self._awaited.clear()
        self._portals.clear()
        self._sent = self._failed = self._refused = False

    def _own_answer(self, message: messages.Message) -> bytes | None:
        """Answer a message about a statement that the endpoint runs itself; collect any other, and return None."""
        match message.kind:
            case b"P":
                return self._parse(message.body)
            case b"B":
                portal, name, _ = _cut(message.body, 3)
                self._portals.pop(portal, None)
                if name in self._statements:
                    self._drain()
                    self._portals[portal] = self._statements[name]
                    return messages.encode(b"2")
            case b"D":
                kind, name = message.body[:1], message.body[1:].rstrip(b"\0")
                if kind == b"S" and name in self._statements:
                    return self._after_drain(NO_PARAMETERS + NO_DATA)
                if kind == b"P" and name in self._portals:
                    return self._after_drain(NO_DATA)
            case b"E":
                statement = self._portals.get(_cut(message.body, 2)[0])
                if statement is not None:
                    self._drain()
                    return b"" if self._failed else self._session.execute(statement)
            case b"C":
                kind, name = message.body[:1], message.body[1:].rstrip(b"\0")
                own = self._statements if kind == b"S" else self._portals
                if own.pop(name, None) is not None:
                    return self._after_drain(messages.encode(b"3"))
        self._gather(message)
        return None

    def _parse(self, body: bytes) -> bytes | None:
        name, sql, types = _cut(body, 3)
        self._statements.pop(name, None)
        text = _text(sql)
        statements = self._session.translate(text)
        if len(statements) > 1:
            raise not_in_redshift("several statements in a prepared statement")
        statement = statements[0] if statements else Forward("")
        if self._session.must_ask(statement):
            self._drain()
            if self._failed:
                return b""
            self._sent = True
            statement = self._session.checked(text, statement)
        if isinstance(statement, Forward) and not self._session.runs_itself(statement):
            self._gather(messages.Message(b"P", b"\0".join((name, statement.sql.encode(), types))))
            return None
        if types[:2] != b"\0\0":
            raise not_in_redshift("a parameter in this statement")
        self._statements[name] = statement
        return self._after_drain(messages.encode(b"1"))

    def _gather(self, message: messages.Message) -> None:
        self._pending += message.encode()
        self._awaited.append(ANSWERS[message.kind])

    def _after_drain(self, answer: bytes) -> bytes:
        self._drain()
        return b"" if self._failed else answer

    def _drain(self) -> None:
        """Let PostgreSQL answer the collected messages, and pass the answers on."""
        if not self._awaited:
            return
        session = self._session
        session.postgres.channel.send(self._pending + messages.encode(b"H"))
        self._sent = True
        self._pending.clear()
        awaited, self._awaited = self._awaited, []
        for kinds in awaited:
            if session.relay_until(kinds).kind == b"E":
                self._failed = True
                return
