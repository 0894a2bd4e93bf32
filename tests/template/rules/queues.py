"""House rules for the queues: slow batches are not delivered twice, and no message is lost because of its age."""

from collections.abc import Iterator
from typing import Any

from load.batches import is_due
from template.stack import Resource, Stack

OUTAGE_SECONDS = 24 * 60 * 60  # the longest outage after which nobody has to do anything


def visibility_covers_six_timeouts_and_the_window(stack: Stack) -> Iterator[str]:
    """A message must stay hidden while its batch is gathered and processed. AWS recommends six timeouts."""
    for mapping, queue, function in _event_sources(stack):
        window = int(mapping.properties.get("MaximumBatchingWindowInSeconds", 0))
        needed = 6 * int(function.properties["Timeout"]) + window
        visible_after = int(queue.properties.get("VisibilityTimeout", 30))
        if visible_after < needed:
            yield f"{queue.logical_id}: visible again after {visible_after} s, needs {needed} s"


def every_queue_has_a_dead_letter_queue(stack: Stack) -> Iterator[str]:
    """A message that never succeeds must not disappear."""
    dead_letter_queues = {dead_letters.logical_id for dead_letters in _dead_letter_queues(stack)}
    redriven = {source.logical_id for source, _ in _redrives(stack)}
    for queue in stack.of_type("AWS::SQS::Queue"):
        if queue.logical_id not in redriven | dead_letter_queues:
            yield f"{queue.logical_id}: no RedrivePolicy"


def dead_letters_outlive_their_source(stack: Stack) -> Iterator[str]:
    """A dead letter keeps its age. With the same retention, SQS might delete it as soon as it arrives."""
    for source, dead_letters in _redrives(stack):
        if _retention(dead_letters) <= _retention(source):
            yield f"{dead_letters.logical_id}: keeps messages no longer than {source.logical_id} does"


def tries_outlast_a_day_but_not_the_retention(stack: Stack) -> Iterator[str]:
    """The tries must last longer than an outage of a day, and end before SQS deletes the message because of its age."""
    for source, _ in _redrives(stack):
        tries = int(source.properties["RedrivePolicy"]["maxReceiveCount"])
        seconds = tries * int(source.properties.get("VisibilityTimeout", 30))
        if not OUTAGE_SECONDS < seconds < _retention(source):
            yield f"{source.logical_id}: {tries} tries last {seconds} s, retention is {_retention(source)} s"


def load_tries_after_an_outage_of_a_day(stack: Stack) -> Iterator[str]:
    """Load does not try a message at each delivery. Its last try must still come after an outage of a day."""
    for _, queue, function in _event_sources(stack):
        if function.properties["Handler"].startswith("load."):
            deliveries = int(queue.properties["RedrivePolicy"]["maxReceiveCount"])
            last = max(filter(is_due, range(1, deliveries + 1)))
            seconds = (last - 1) * int(queue.properties["VisibilityTimeout"])
            if seconds <= OUTAGE_SECONDS:
                yield f"{queue.logical_id}: load tries a message for the last time after {seconds} s"


def dead_letters_raise_an_alarm(stack: Stack) -> Iterator[str]:
    """One dead letter is enough. NumberOfMessagesSent does not count the messages that SQS moves after failed tries."""
    watched = set()
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        counts_visible = alarm.properties.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        at_the_first = (alarm.properties["ComparisonOperator"], int(alarm.properties["Threshold"])) in {
            ("GreaterThanOrEqualToThreshold", 1),
            ("GreaterThanThreshold", 0),
        }
        if counts_visible and at_the_first and alarm.properties.get("AlarmActions"):
            watched |= {target.logical_id for target in _dimensions(stack, alarm)}
    for dead_letters in _dead_letter_queues(stack):
        if dead_letters.logical_id not in watched:
            yield f"{dead_letters.logical_id}: no alarm at the first visible message"


def queues_are_encrypted(stack: Stack) -> Iterator[str]:
    """Encryption is stated, because SQS's default has changed over the years."""
    for queue in stack.of_type("AWS::SQS::Queue"):
        if queue.properties.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue.properties:
            yield f"{queue.logical_id}: not encrypted"


def _event_sources(stack: Stack) -> Iterator[tuple[Resource, Resource, Resource]]:
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping"):
        queue = stack.target(mapping.properties["EventSourceArn"])
        function = stack.target(mapping.properties["FunctionName"])
        if queue and function and queue.type == "AWS::SQS::Queue":
            yield mapping, queue, function


def _redrives(stack: Stack) -> Iterator[tuple[Resource, Resource]]:
    for source in stack.of_type("AWS::SQS::Queue"):
        policy: dict[str, Any] = source.properties.get("RedrivePolicy", {})
        dead_letters = stack.target(policy.get("deadLetterTargetArn"))
        if dead_letters:
            yield source, dead_letters


def _dead_letter_queues(stack: Stack) -> Iterator[Resource]:
    """Yield the dead-letter queues: those of queues, and those of schedules."""
    for _, dead_letters in _redrives(stack):
        yield dead_letters
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        letters = stack.target(schedule.properties["Target"].get("DeadLetterConfig", {}).get("Arn"))
        if letters:
            yield letters


def _retention(queue: Resource) -> int:
    four_days = 345_600  # SQS's own default
    return int(queue.properties.get("MessageRetentionPeriod", four_days))


def _dimensions(stack: Stack, alarm: Resource) -> Iterator[Resource]:
    for dimension in alarm.properties.get("Dimensions", []):
        target = stack.target(dimension["Value"])
        if target:
            yield target
