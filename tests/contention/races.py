"""Run many loaders at once on one warehouse: messages are delivered two or three times, and loaders die."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from contention.ground import Ground, connect
from contention.workload import Workload, draw_workload
from load.connection import Connection
from load.loader import Loader
from load.plan import one_version_at_a_time
from load.stage import create_stage_tables
from load.warehouse import RedshiftSession, Session
from shared.contracts import TransformedPart
from shared.errors import PipelineError, TerminalError

MOST_DELIVERIES = 400
PATIENCE_SECONDS = 2.0
# About how many statements a load runs; a crash may come at any of them.
STATEMENTS = 40


class Crash(BaseException):
    """The function died. A BaseException, so that no code in the function catches it."""


class MortalSession:
    """A session whose owner dies at its n-th call, without closing the connection."""

    def __init__(self, session: RedshiftSession, dies_at: int) -> None:
        self._session = session
        self._calls_left = dies_at

    def _count_down(self) -> None:
        self._calls_left -= 1
        if self._calls_left == 0:
            raise Crash

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """See Session."""
        self._count_down()
        return self._session.execute(sql, values)

    def commit(self) -> None:
        """See Session. The owner may die before or after the commit."""
        self._count_down()
        self._session.commit()
        self._count_down()

    def execute_alone(self, sql: str) -> None:
        """See Session."""
        self._session.execute_alone(sql)

    def rollback(self) -> None:
        """See Session."""
        self._session.rollback()

    def close(self) -> None:
        """See Session."""
        self._session.close()


@dataclass
class Outcome:
    """The result of a schedule. Rows are sales."""

    seed: int
    rows_too_many: int = 0
    rows_too_few: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    files_missing: int = 0
    deliveries: int = 0
    crashes: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def is_right(self) -> bool:
        """Whether the warehouse has the right sales and its checks find no fault."""
        return not (self.rows_too_many or self.rows_too_few or self.faults or self.files_missing)


class Deliveries:
    """A queue of batches. It delivers each at least once, and again if its loader died or failed."""

    def __init__(self, workload: Workload, chance: Random) -> None:
        messages = [part for parts in workload.messages for part in parts for _ in range(chance.choice((2, 2, 3)))]
        chance.shuffle(messages)
        self._lock = threading.Lock()
        self._waiting: list[list[TransformedPart]] = []
        while messages:
            size = chance.randint(1, 5)
            self._waiting.append(messages[:size])
            messages = messages[size:]
        self.taken = 0

    def take(self) -> list[TransformedPart] | None:
        """Take a batch, or None if none is left. Fails after MOST_DELIVERIES batches."""
        with self._lock:
            if not self._waiting:
                return None
            self.taken += 1
            assert self.taken < MOST_DELIVERIES, "too many deliveries"
            return self._waiting.pop()

    def give_back(self, batch: list[TransformedPart]) -> None:
        """Deliver a batch again."""
        with self._lock:
            self._waiting.insert(0, batch)


def run_schedule(ground: Ground, seed: int) -> Outcome:
    """Run one schedule on an empty warehouse, and compare the result with the oracle."""
    chance = Random(seed)
    workload = draw_workload(chance, ground.put)
    outcome = Outcome(seed)
    deliveries = Deliveries(workload, chance)
    seeds = [chance.random() for _ in range(chance.randint(3, 6))]
    threads = [
        threading.Thread(target=_work, args=(ground, deliveries, Random(own), outcome, number))
        for number, own in enumerate(seeds)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.deliveries = deliveries.taken
    compare(ground, workload, outcome)
    ground.clear()
    return outcome


def compare(ground: Ground, workload: Workload, outcome: Outcome) -> None:
    """Compare the warehouse with the expected sales and files; put the differences into the outcome."""
    found, expected = ground.sales(), workload.expected_sales()
    outcome.rows_too_many = (found - expected).total()
    outcome.rows_too_few = (expected - found).total()
    outcome.faults = ground.faults()
    outcome.files_missing = len({(file.key, file.version_id) for file in workload.files} - ground.completed_files())


def _work(ground: Ground, deliveries: Deliveries, chance: Random, outcome: Outcome, number: int) -> None:
    """Play one function environment after the other; each works until it dies or fails."""
    life = 0
    while (batch := deliveries.take()) is not None:
        life += 1
        connection = Connection(lambda: _open(ground, chance), create_stage_tables)
        loader = Loader(connection, ground.options, fraction=chance.random)
        try:
            while batch is not None:
                for some in one_version_at_a_time(batch, lambda part: part):
                    loader.load_with_retries(
                        some, f"{outcome.seed}-{number}-{life}-{deliveries.taken}", PATIENCE_SECONDS
                    )
                if chance.random() < 0.05:
                    raise Crash
                batch = deliveries.take()
        except Crash:
            outcome.crashes += 1
        except PipelineError as error:
            outcome.errors[type(error).__name__] += 1
            if isinstance(error, TerminalError):
                batch = None  # It would be delivered again for ever.
        finally:
            _leave(connection)
        if batch is not None:
            deliveries.give_back(batch)


def _open(ground: Ground, chance: Random) -> Session:
    dies_at = chance.randint(1, 3 * STATEMENTS) if chance.random() < 0.5 else 0
    return MortalSession(RedshiftSession(connect(ground.warehouse)), dies_at)


def _leave(connection: Connection) -> None:
    """Close the session of a function that is gone, as the operating system closes its sockets."""
    session = connection._session
    if session is not None:
        session.close()
