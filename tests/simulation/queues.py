"""The SQS that the functions use: visibility timeouts, receive counts, dead letters, retention, repeated deliveries."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from botocore.exceptions import ClientError

from simulation.clock import Clock
from simulation.schedule import DAY, DELAY, DUPLICATE, LOSE, Incident
from simulation.storage import Caller, refusal

# As in the template. Load may run longer than the other functions.
VISIBILITY_SECONDS = {"arrivals": 740, "extracted": 740, "transformed": 2100}
RETENTION_SECONDS = 7 * DAY


@dataclass(slots=True)
class Message:
    """A message in a queue. It keeps its sending time when it becomes a dead letter."""

    number: int
    body: str
    sent_at: float
    visible_at: float
    receives: int = 0


@dataclass
class Queue:
    """A queue with its dead letters.

    ``incidents`` maps n to the incidents of the n-th message sent to it. Incidents that happened are added to
    ``happened``.
    """

    name: str
    clock: Clock
    random: Random
    max_receives: int
    incidents: dict[int, list[Incident]]
    happened: set[Incident]
    on_visible: Callable[[], None] = lambda: None
    messages: dict[int, Message] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    most_receives: int = 0
    expired: int = 0
    _numbers: int = 0

    def send(self, body: str) -> None:
        """Add a message, and apply its incidents."""
        place = len(self.bodies)
        self.bodies.append(body)
        kinds = self.incidents.get(place, ())
        self.happened.update(kinds)
        delay = sum(incident.amount for incident in kinds if incident.kind == DELAY)
        if any(incident.kind == LOSE for incident in kinds):
            return
        self._add(body, delay)
        for incident in kinds:
            if incident.kind == DUPLICATE:
                self._add(body, delay + incident.amount)

    def receive(self, at_most: int) -> list[Message]:
        """Return some of the visible messages in random order; those received too often become dead letters instead."""
        now = self.clock.now
        self._expire()
        visible = [message for message in self.messages.values() if message.visible_at <= now]
        if len(visible) > 1:
            self.random.shuffle(visible)
        received = []
        for message in visible[:at_most]:
            if message.receives >= self.max_receives:
                self.dead.append(self.messages.pop(message.number))
                continue
            message.receives += 1
            self.most_receives = max(self.most_receives, message.receives)
            self.show_again(message, VISIBILITY_SECONDS[self.name])
            received.append(message)
        return received

    def show_again(self, message: Message, seconds: float) -> None:
        """Make a message visible again after ``seconds``."""
        message.visible_at = self.clock.now + seconds
        self.clock.at(message.visible_at, self.on_visible)

    def has_visible(self) -> bool:
        """Return whether a message is waiting to be received."""
        return any(message.visible_at <= self.clock.now for message in self.messages.values())

    def delete(self, number: int) -> None:
        """Acknowledge a message. No error if it is already gone."""
        self.messages.pop(number, None)

    def purge(self) -> None:
        """Delete all messages except the dead letters."""
        self.messages.clear()

    def redrive(self) -> None:
        """Move the dead letters back into the queue."""
        self._expire()
        dead, self.dead = self.dead, []
        for letter in dead:
            self._add(letter.body, 0)

    def _add(self, body: str, delay: float) -> None:
        self._numbers += 1
        message = Message(self._numbers, body, self.clock.now, 0)
        self.messages[message.number] = message
        self.show_again(message, delay)

    def _expire(self) -> None:
        oldest = self.clock.now - RETENTION_SECONDS
        for message in [message for message in self.messages.values() if message.sent_at < oldest]:
            del self.messages[message.number]
            self.expired += 1


class SqsClient:
    """The one call of boto3's SQS client that the functions make."""

    def __init__(self, caller: Caller, queues: dict[str, Queue]) -> None:
        self._caller = caller
        self._queues = queues

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        """Send up to ten messages, each in a call of its own, so that some can fail and others succeed."""
        queue = self._queues[request["QueueUrl"]]
        failed: list[dict[str, str]] = []
        for entry in request["Entries"]:
            try:
                self._caller.call("sqs", lambda entry=entry: queue.send(entry["MessageBody"]), _throttled)  # type: ignore[misc]
            except ClientError:
                failed.append({"Id": entry["Id"], "Code": "InternalError"})
        if len(failed) == len(request["Entries"]):
            raise _throttled()
        return {"Failed": failed}


def _throttled() -> Exception:
    return refusal("RequestThrottled")
