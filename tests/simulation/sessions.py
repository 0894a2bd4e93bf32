"""The warehouse as load sees it: connections that break, a mutex to wait for, statements that are refused.

An engine runs the statements: the model of this folder (`model`), or a real database in the replay. The mutex is here
for both, because a wait for it must take the run's time and not the machine's.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from load.statements import statement
from load.warehouse import LOCK_TIMEOUT_SECONDS, Session, StatementFailed, WarehouseUnavailable
from simulation.clock import Task
from simulation.schedule import COMMIT, ISOLATION_VIOLATION, SQLSTATES, Incident

if TYPE_CHECKING:
    from simulation.process import Process
    from simulation.world import World

LOCK = statement("load/lock")
FIND_STALE_HOLDERS = statement("load/find_stale_holders")
TERMINATE_SESSION = statement("load/terminate_session")
ANSWERED_HERE = ("load/lock", "load/find_stale_holders", "load/terminate_session")
_TIMED_OUT, _ABORTED = "57014", "25P02"


class Door:
    """Opens sessions for processes, and knows which session holds the mutex."""

    def __init__(self, world: "World", open_engine: Callable[[], Session]) -> None:
        self.world = world
        self.holder: SimulatedSession | None = None
        self.waiting: list[Task] = []
        self.on_commit: Callable[[], None] = lambda: None
        self._open_engine = open_engine
        self._sessions: list[SimulatedSession] = []

    def connect(self, process: "Process") -> "SimulatedSession":
        """Open a session."""

        def open_session() -> SimulatedSession:
            session = SimulatedSession(self, process, self._open_engine(), len(self._sessions))
            self._sessions.append(session)
            return session

        return process.call("warehouse", open_session, lambda: WarehouseUnavailable("connecting", "simulated"))

    def lose_client(self, process: "Process", keeps_seconds: float) -> None:
        """End the sessions of a process that died, at once or when the warehouse notices."""
        for session in self._sessions:
            if session.process is process and session.is_open:
                if keeps_seconds:
                    self.world.clock.at(self.world.clock.now + keeps_seconds, session.end)
                else:
                    session.end()

    def end_all(self) -> None:
        """End every session, as a stop of the warehouse does."""
        for session in self._sessions:
            session.end()

    def session(self, number: int) -> "SimulatedSession":
        """Find a session by the number that load sees as its process id."""
        return self._sessions[number]


class SimulatedSession:
    """See `load.warehouse.Session`."""

    def __init__(self, door: Door, process: "Process", engine: Session, number: int) -> None:
        self.process = process
        self.number = number
        self.is_open = True
        self.began_at: float | None = None
        self._door = door
        self._engine = engine
        self._is_aborted = False

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, unless something goes wrong."""
        return self._call("running a statement", lambda: self._execute(sql, values), self._refused)

    def commit(self) -> None:
        """Commit the transaction, unless something goes wrong."""
        self._call("committing", self._commit, place=COMMIT)

    def rollback(self) -> None:
        """Roll the transaction back, unless something goes wrong."""
        self._call("rolling back", self._rollback)

    def close(self) -> None:
        """Close the connection. A dead process cannot: its session ends when the warehouse notices."""
        self.process.insist_alive()
        self.end()

    def end(self) -> None:
        """End the session from the warehouse's side: what it did not commit is lost."""
        if self.is_open:
            self.is_open = False
            self._engine.close()
            self._leave()

    # --- what may go wrong

    def _call[T](
        self,
        doing: str,
        effect: Callable[[], T],
        refused: Callable[[Incident], Exception] | None = None,
        *,
        place: str = "",
    ) -> T:
        def broken() -> Exception:
            self.end()
            return WarehouseUnavailable(doing, "simulated")

        def unless_over() -> T:
            if not self.is_open:
                raise WarehouseUnavailable(doing, "the session is over")
            return effect()

        return self.process.call("warehouse", unless_over, broken, refused, place=place)

    def _refused(self, incident: Incident) -> Exception:
        self._is_aborted = True
        sqlstate = SQLSTATES[incident.amount]
        return StatementFailed("XX000" if sqlstate == ISOLATION_VIOLATION else sqlstate, sqlstate)

    def _execute(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        if self._is_aborted:
            raise StatementFailed(_ABORTED, "current transaction is aborted")
        if self.began_at is None:
            self.began_at = self._door.world.clock.now
        if sql == LOCK:
            self._take_mutex()
        if sql == FIND_STALE_HOLDERS:
            return self._stale_holders(values)
        if sql == TERMINATE_SESSION:
            (number,) = values
            self._door.session(int(str(number))).end()
            return [(True,)]
        return self._engine.execute(sql, values)

    def _stale_holders(self, values: Sequence[object]) -> list[tuple[Any, ...]]:
        (stale_after,) = values
        holder = self._door.holder
        if holder is None or holder.began_at is None:
            return []
        age = self._door.world.clock.now - holder.began_at
        return [(holder.number,)] if age > float(str(stale_after)) else []

    def _commit(self) -> None:
        if self._is_aborted:
            self._rollback()
            return
        try:
            self._engine.commit()
        finally:
            self._leave()
        self._door.on_commit()

    def _rollback(self) -> None:
        self._engine.rollback()
        self._leave()

    # --- the mutex

    def _take_mutex(self) -> None:
        """Wait for the holder, at most as long as a statement may take. The process may reach its limit meanwhile."""
        door, clock = self._door, self._door.world.clock
        given_up_at = clock.now + LOCK_TIMEOUT_SECONDS
        while door.holder not in (None, self):
            seconds = min(given_up_at - clock.now, self.process.remaining_seconds)
            if seconds <= 0:
                self._is_aborted = True
                raise StatementFailed(_TIMED_OUT, "canceling statement due to statement timeout")
            door.waiting.append(clock.running)
            clock.wait(seconds)
            self.process.insist_alive()
            if not self.is_open:
                raise WarehouseUnavailable("waiting for the mutex", "the session was terminated")
        door.holder = self

    def _leave(self) -> None:
        """Release the mutex, and wake those that wait for it, in the order in which they came."""
        self.began_at = None
        self._is_aborted = False
        door = self._door
        if door.holder is self:
            door.holder = None
            waiting, door.waiting = door.waiting, []
            for task in waiting:
                door.world.clock.wake(task)
