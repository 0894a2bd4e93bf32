"""The session that a warm function keeps."""

from typing import Any, cast

import pytest

from load.connection import LONGEST_IDLE_SECONDS, MOST_USES, TRUSTED_IDLE_SECONDS, Connection
from load.statements import statement
from load.warehouse import Session, WarehouseUnavailable


class FakeSession:
    """A session that records that it was closed, and fails once it is dead."""

    def __init__(self) -> None:
        self.closed = False
        self.dead = False

    def execute(self, *_: object) -> list[tuple[Any, ...]]:
        if self.dead:
            raise WarehouseUnavailable("running a statement", "reset by peer")
        return []

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def prepare(session: Session) -> None:
    session.execute("prepare")


@pytest.fixture
def opened() -> list[FakeSession]:
    return []


@pytest.fixture
def connection(opened: list[FakeSession]) -> Connection:
    def open_session() -> FakeSession:
        opened.append(FakeSession())
        return opened[-1]

    return Connection(open_session, prepare)


def use(connection: Connection) -> FakeSession:
    with connection.session() as session:
        return cast(FakeSession, session)


def test_nothing_is_opened_before_it_is_needed_and_then_once(connection: Connection, opened: list[FakeSession]) -> None:
    assert opened == []

    use(connection)
    use(connection)

    assert len(opened) == 1


def test_a_session_is_renewed_after_many_uses(connection: Connection, opened: list[FakeSession]) -> None:
    used = [use(connection) for _ in range(2 * MOST_USES + 1)]

    assert [used.count(session) for session in opened] == [MOST_USES, MOST_USES, 1]
    assert [session.closed for session in opened] == [True, True, False]


def test_an_error_closes_the_session_and_the_next_batch_gets_another(
    connection: Connection, opened: list[FakeSession]
) -> None:
    with pytest.raises(ValueError, match="broken"), connection.session():
        raise ValueError("broken")

    use(connection)

    assert [session.closed for session in opened] == [True, False]


@pytest.mark.parametrize(("idle", "expected"), [(TRUSTED_IDLE_SECONDS - 1, 1), (TRUSTED_IDLE_SECONDS + 1, 2)])
def test_a_session_that_died_while_idle_is_replaced_before_the_next_batch(
    connection: Connection, opened: list[FakeSession], monkeypatch: pytest.MonkeyPatch, idle: float, expected: int
) -> None:
    now = [0.0]
    monkeypatch.setattr("load.connection.monotonic", lambda: now[0])
    use(connection)
    opened[0].dead = True
    now[0] = idle

    use(connection)

    assert len(opened) == expected


@pytest.mark.parametrize(("idle", "sessions"), [(LONGEST_IDLE_SECONDS - 1, 1), (LONGEST_IDLE_SECONDS, 2)])
def test_F48_a_session_that_the_network_may_have_dropped_is_replaced_without_a_ping(
    connection: Connection, opened: list[FakeSession], monkeypatch: pytest.MonkeyPatch, idle: float, sessions: int
) -> None:
    now = [0.0]
    monkeypatch.setattr("load.connection.monotonic", lambda: now[0])
    use(connection)
    now[0] = idle

    use(connection)

    assert len(opened) == sessions


def test_a_session_that_cannot_be_made_ready_is_closed(opened: list[FakeSession]) -> None:
    def open_session() -> FakeSession:
        opened.append(FakeSession())
        opened[-1].dead = True
        return opened[-1]

    connection = Connection(open_session, prepare)

    with pytest.raises(WarehouseUnavailable):
        use(connection)

    assert opened[0].closed


def test_the_warehouse_ends_a_session_when_load_would_not_use_it_any_more() -> None:
    assert statement("schema/limit_sessions") == f"alter user cafe_admin session timeout {LONGEST_IDLE_SECONDS}"
