"""A schedule: which files are dropped when, and which incidents happen. It is drawn from a seed, printed and shrunk."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

from simulation.branch_files import IMPOSSIBLE_DATE, NO_TEXT, ORDERS, WRONG_TOTAL

STAGES = ("extract", "transform", "load")
QUEUES = ("arrivals", "extracted", "transformed")
KEYS = ("head-office/leeds.csv", "head-office/york.csv", "head-office/leeds-again.csv", "head-office/both.csv")
# The only refusal that is a file's fault.
ROW_TOO_LONG = ("22001", "value too long for type character varying(120)")
# Only a COPY never gets this one.
NO_PLAN = ("XX000", "This type of correlated subquery pattern is not supported due to internal error")
REFUSALS = (
    ("40001", "could not serialize access due to concurrent update"),
    ("40P01", "deadlock detected"),
    ("57014", "Query (7710234) canceled on user's request"),
    ("53100", "disk full"),
    ROW_TOO_LONG,
    ("XX000", "1023"),
    ("XX000", "could not complete because of conflict with concurrent transaction"),
    ("XX000", "could not open relation with OID 7710234"),
    NO_PLAN,
    ("0A000", "this is not supported"),
)
MINUTE, HOUR, DAY = 60, 3600, 86_400

# Incidents at a call of a stage or at a commit (place), by its number in the run. The amount is in seconds if no other
# unit is given.
CRASH_BEFORE, CRASH_AFTER = "crash_before", "crash_after"  # amount: how long the warehouse keeps the session
ERROR_BEFORE = "error_before"  # the call has no effect
ERROR_AFTER = "error_after"  # the call has its effect, but the answer is lost
STALL = "stall"  # the call takes long, and the function may reach its timeout
FREEZE = "freeze"  # the call takes long, and the function's timeout is extended by that time
REFUSE = "refuse"  # the warehouse refuses the statement; amount: an index of REFUSALS
PORT_FAULTS = (CRASH_BEFORE, CRASH_AFTER, ERROR_BEFORE, ERROR_AFTER, STALL, FREEZE, REFUSE)
COMMIT = "commit"
# At a COPY (place), by its number: it drops its last row.
SHORT_COPY, COPY = "short_copy", "copy"
# At a message sent to a queue (place), by its number.
DUPLICATE, DELAY, LOSE = "duplicate", "delay", "lose"
MESSAGE_FAULTS = (DUPLICATE, DELAY, LOSE)
# At a batch that a stage (place) received, by its number: it is not acknowledged; the other worker also receives it.
UNACKNOWLEDGED, REDELIVER = "unacknowledged", "redeliver"
# At a second (number): an outage of a service (place), or an operator's action on a queue, a stage or a key (place).
OUTAGE, PURGE, REDRIVE, RECONCILE, SKEW = "outage", "purge", "redrive", "reconcile", "skew"
RETRACT, RE_EXTRACT = "retract", "again"


@dataclass(frozen=True, slots=True)
class Drop:
    """A branch's upload: a word (see branch_files) under a key at a second. S3 reports whole seconds."""

    second: float
    key: str
    word: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault or an action of an operator.

    ``place`` and ``number`` say where and when it happens; no other incident changes that.
    """

    kind: str
    place: str
    number: int
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that differs between two runs. ``seed`` draws what the schedule does not state: how long calls take.

    ``pace`` is the longest time of a call in seconds. With 0, calls take no time.
    """

    seed: int
    drops: tuple[Drop, ...]
    incidents: tuple[Incident, ...] = ()
    pace: float = 0.0
    max_receives: int = 6

    @property
    def loses_messages(self) -> bool:
        """Whether messages are lost, so that only a listing of the bucket can recover their files."""
        return any(incident.kind in (LOSE, PURGE) for incident in self.incidents)

    def to_json(self) -> str:
        """Write the schedule on one line."""
        value = {
            "seed": self.seed,
            "pace": self.pace,
            "max_receives": self.max_receives,
            "drops": [[drop.second, drop.key, drop.word] for drop in self.drops],
            "incidents": [[one.kind, one.place, one.number, one.amount] for one in self.incidents],
        }
        return json.dumps(value, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        value: dict[str, Any] = json.loads(text)
        drops = tuple(Drop(*drop) for drop in value.pop("drops"))
        incidents = tuple(Incident(*incident) for incident in value.pop("incidents"))
        return cls(drops=drops, incidents=incidents, **value)


def draw(seed: int) -> Schedule:
    """Draw a schedule from a seed."""
    return _Dice(seed).schedule()


@dataclass
class _Dice:
    seed: int
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def schedule(self) -> Schedule:
        drops = self._drops()
        incidents = [self._incident(len(drops)) for _ in range(self._few(10))]
        pace = self.random.choice((0.0, 0.05, 0.05, 2.0))
        max_receives = 140 if self.random.random() < 0.01 else self.random.choice((3, 6, 6))
        return Schedule(self.seed, drops, tuple(incidents), pace, max_receives)

    def _few(self, most: int) -> int:
        """Draw a number up to ``most``; small numbers are likelier."""
        return min(self.random.randrange(most + 1), self.random.randrange(most + 1))

    def _drops(self) -> tuple[Drop, ...]:
        random = self.random
        span = random.choice((1, 60, 2 * HOUR))
        keys = random.sample(KEYS, random.choice((1, 2, 3)))
        if random.random() < 0.1:
            keys.append("notes.txt")
        drops: list[Drop] = []
        for key in keys:
            second, word = round(random.random() * span, 2), self._word()
            drops.append(Drop(second, key, word))
            for _ in range(random.choice((0, 0, 0, 1, 1, 2))):
                # Some corrections arrive in the same second as the file that they correct.
                second = round(second + random.choice((0.1, 0.3, random.random() * span)), 2)
                drops.append(Drop(second, key, self._correction(word)))
        return tuple(sorted(drops, key=lambda drop: (drop.second, drop.key)))

    def _word(self) -> str:
        random = self.random
        kind = random.random()
        if kind < 0.1:
            return random.choice(("", "#", "_", "~", "?", "%", "??%"))
        word = "".join(random.choices(ORDERS + IMPOSSIBLE_DATE + WRONG_TOTAL, k=random.choice((1, 2, 3, 4, 5, 8))))
        word = word if kind > 0.9 else "".join(sorted(word))
        return random.choice(("", "", "#")) + word + random.choice(("", "", "_"))

    def _correction(self, word: str) -> str:
        if self.random.random() < 0.4:
            return self._word()
        letters = [letter for letter in word if letter != NO_TEXT and self.random.random() < 0.7]
        return "".join(letters) + self.random.choice(("", "h", "ab", IMPOSSIBLE_DATE))

    def _incident(self, drops: int) -> Incident:
        random = self.random
        kind = random.random()
        if kind < 0.5:
            return self._port_fault(drops)
        if kind < 0.55:
            return Incident(SHORT_COPY, COPY, random.randrange(4 * drops))
        if kind < 0.75:
            queue = random.choice(QUEUES)
            fault = random.choice((DUPLICATE, DUPLICATE, DELAY, DELAY, LOSE))
            if fault == LOSE:
                queue = "arrivals"
            return Incident(fault, queue, random.randrange(drops + 3), int(self._random_second()))
        if kind < 0.83:
            stage = random.choice(STAGES)
            fault = random.choice((UNACKNOWLEDGED, REDELIVER))
            return Incident(fault, stage, random.randrange(drops + 2), random.choice((0, 1, 5, 30)))
        return self._timed()

    def _port_fault(self, drops: int) -> Incident:
        random = self.random
        load, commits = ("load", 60 + 20 * drops), (COMMIT, 4 + 2 * drops)
        stage, calls = random.choice((("extract", 6 * drops), ("transform", 8 * drops), load, load, load, commits))
        number = random.randrange(calls)
        kind = random.choice((*PORT_FAULTS, CRASH_BEFORE, CRASH_AFTER, ERROR_BEFORE, ERROR_AFTER))
        if kind in (CRASH_BEFORE, CRASH_AFTER):
            return Incident(kind, stage, number, random.choice((0, 0, 0, 60, 300, 7200)))
        if kind in (STALL, FREEZE):
            return Incident(kind, stage, number, random.choice((1, 25, 100, 600, 800, 2000)))
        if kind == REFUSE:
            number = random.randrange(60 + 20 * drops)
            return Incident(kind, "load", number, random.randrange(len(REFUSALS)))
        return Incident(kind, stage, number)

    def _timed(self) -> Incident:
        random = self.random
        kind = random.choice((OUTAGE, OUTAGE, OUTAGE, PURGE, REDRIVE, RECONCILE, SKEW, RETRACT, RE_EXTRACT, RE_EXTRACT))
        second = int(self._random_second())
        if kind == OUTAGE:
            service = random.choice(("warehouse", "warehouse", "s3", "sqs"))
            return Incident(kind, service, second, random.choice((5, 300, 2 * HOUR, DAY, 3 * DAY)))
        if kind in (PURGE, REDRIVE):
            return Incident(kind, random.choice(QUEUES), second)
        if kind == SKEW:
            return Incident(kind, random.choice(STAGES), second, random.choice((-DAY, DAY)))
        if kind in (RETRACT, RE_EXTRACT):
            return Incident(kind, random.choice(KEYS), second)
        return Incident(kind, "", second)

    def _random_second(self) -> float:
        return self.random.random() * self.random.choice((1, 30, 20 * MINUTE, 3 * HOUR, DAY))
