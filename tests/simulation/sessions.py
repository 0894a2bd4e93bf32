"""The warehouse that load connects to: connections break, the mutex makes sessions wait, statements are refused.

An engine performs the statements: the model of this folder (`model`), or a real database in the replay. The mutex is
implemented here for both, because waiting for it takes time of the virtual clock and not of the machine.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from load.statements import statement
from load.warehouse import LOCK_TIMEOUT_SECONDS, Session, StatementFailed, WarehouseUnavailable
from simulation.clock import Task
from simulation.schedule import COMMIT, NO_PLAN, REFUSALS, Incident

if TYPE_CHECKING:
    from simulation.process import Process
    from simulation.world import World

LOCK = statement("load/lock")
FIND_STALE_HOLDERS = statement("load/find_stale_holders")
TERMINATE_SESSION = statement("load/terminate_session")
MUTEX_STATEMENTS = ("load/lock", "load/find_stale_holders", "load/terminate_session")
_TIMED_OUT, _ABORTED = "57014", "25P02"


class SimulatedWarehouse:
    """Opens sessions for processes, and records which session holds the mutex."""

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
        """End the sessions of a dead process: at once, or after ``keeps_seconds``, when the warehouse notices."""
        for session in self._sessions:
            if session.process is process and session.is_open:
                if keeps_seconds:
                    self.world.clock.at(self.world.clock.now + keeps_seconds, session.end)
                else:
                    session.end()

    def end_all(self) -> None:
        """End every session."""
        for session in self._sessions:
            session.end()

    def session(self, number: int) -> "SimulatedSession":
        """Find a session by the process number that load has for it."""
        return self._sessions[number]


class SimulatedSession:
    """A session of load: see `load.warehouse.Session`."""

    def __init__(self, warehouse: SimulatedWarehouse, process: "Process", engine: Session, number: int) -> None:
        self.process = process
        self.number = number
        self.is_open = True
        self.began_at: float | None = None
        self._warehouse = warehouse
        self._engine = engine
        self._is_aborted = False

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, unless an incident prevents it."""
        return self._call(
            "running a statement", lambda: self._execute(sql, values), lambda incident: self._refused(incident, sql)
        )

    def commit(self) -> None:
        """Commit the transaction, unless an incident prevents it."""
        self._call("committing", self._commit, place=COMMIT)

    def execute_alone(self, sql: str) -> None:
        """Run a statement outside a transaction; no incident comes between."""
        self._engine.execute_alone(sql)

    def rollback(self) -> None:
        """Roll the transaction back, unless an incident prevents it."""
        self._call("rolling back", self._rollback)

    def close(self) -> None:
        """Close the connection. A dead process cannot; its session ends when the warehouse notices."""
        self.process.ensure_alive()
        self.end()

    def end(self) -> None:
        """End the session from the warehouse's side: roll back what it did not commit."""
        if self.is_open:
            self.is_open = False
            self._engine.close()
            self._leave()

    # --- incidents during a call

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

        def effect_if_open() -> T:
            if not self.is_open:
                raise WarehouseUnavailable(doing, "the session is over")
            return effect()

        return self.process.call("warehouse", effect_if_open, broken, refused, place=place)

    def _refused(self, incident: Incident, sql: str) -> Exception:
        self._is_aborted = True
        refusal = REFUSALS[incident.amount]
        return StatementFailed(*refusal, was_copying=sql.startswith("copy ") and refusal != NO_PLAN)

    def _execute(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        if self._is_aborted:
            raise StatementFailed(_ABORTED, "current transaction is aborted")
        if self.began_at is None:
            self.began_at = self._warehouse.world.clock.now
        if sql == LOCK:
            self._take_mutex()
        if sql == FIND_STALE_HOLDERS:
            return self._stale_holders(values)
        if sql == TERMINATE_SESSION:
            (number,) = values
            self._warehouse.session(int(str(number))).end()
            return [(True,)]
        return self._engine.execute(sql, values)

    def _stale_holders(self, values: Sequence[object]) -> list[tuple[Any, ...]]:
        (stale_after,) = values
        holder = self._warehouse.holder
        if holder is None or holder.began_at is None:
            return []
        age = self._warehouse.world.clock.now - holder.began_at
        return [(holder.number,)] if age > float(str(stale_after)) else []

    def _commit(self) -> None:
        if self._is_aborted:
            self._rollback()
            return
        try:
            self._engine.commit()
        finally:
            self._leave()
        self._warehouse.on_commit()

    def _rollback(self) -> None:
        self._engine.rollback()
        self._leave()

    # --- the mutex

    def _take_mutex(self) -> None:
        """Wait until the holder leaves, at most as long as a statement may take. The process may time out meanwhile."""
        warehouse, clock = self._warehouse, self._warehouse.world.clock
        given_up_at = clock.now + LOCK_TIMEOUT_SECONDS
        while warehouse.holder not in (None, self):
            seconds = min(given_up_at - clock.now, self.process.remaining_seconds)
            if seconds <= 0:
                self._is_aborted = True
                raise StatementFailed(_TIMED_OUT, "Query (7710234) canceled on user's request")
            warehouse.waiting.append(clock.running)
            clock.wait(seconds)
            self.process.ensure_alive()
            if not self.is_open:
                raise WarehouseUnavailable("waiting for the mutex", "the session was terminated")
        warehouse.holder = self

    def _leave(self) -> None:
        """Release the mutex, and wake the waiting tasks in the order in which they came."""
        self.began_at = None
        self._is_aborted = False
        warehouse = self._warehouse
        if warehouse.holder is self:
            warehouse.holder = None
            waiting, warehouse.waiting = warehouse.waiting, []
            for task in waiting:
                warehouse.world.clock.wake(task)
