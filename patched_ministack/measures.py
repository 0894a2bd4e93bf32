"""Publish the metrics of the AWS services into the emulator's CloudWatch, and evaluate the alarms on them.

ministack stores metrics but publishes few: none from log lines, none of queues and instances, and of functions only
direct invocations. So a thread here polls the queues, the instances and the warehouse, and patches count what functions
run and log. Only numbers are read: how many, how long, how old.
"""

import http.client
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from patched_ministack import alarms, passing_time, seams
from patched_ministack.embedded_metrics import embedded_metrics
from patched_ministack.stand_ins import Warehouse

POLL_SECONDS = 1.0
MINUTE_SECONDS = 60
# The warehouse is polled over HTTP, so less often.
WAREHOUSE_POLL_SECONDS = 5.0
# SQS publishes no metrics of a queue that has had no message for this long.
QUEUE_INACTIVE_AFTER_SECONDS = 6 * 60 * 60
# SQS leaves a message that was received more often than this out of the age of the oldest message.
MAX_RECEIVES_OF_OLDEST = 3

logger = logging.getLogger("measures")


def begin(warehouse: Warehouse) -> None:
    """Start to measure. Call it once, before the emulator serves its first request."""
    measure_functions()
    read_embedded_metrics()
    alarms.evaluate_as_cloudwatch()
    polls = Polls((Queues().poll, poll_instances, WarehouseUse(warehouse).poll, lambda _now: alarms.evaluate_all()))
    passing_time.note_work()
    passing_time.serve(polls.let_minutes_pass)
    threading.Thread(target=polls.run_for_ever, name="measures", daemon=True).start()


class Polls:
    """What looks at the emulator at regular times, in this order. Each call gets the time."""

    def __init__(self, polls: tuple[Callable[[float], None], ...]) -> None:
        self._polls = polls
        self._polling = threading.Lock()

    def run_for_ever(self) -> None:
        """Poll, pause, and so on."""
        while True:
            with self._polling:
                self._run()
            time.sleep(POLL_SECONDS)

    def let_minutes_pass(self, minutes: int) -> None:
        """Let time pass, with a poll in every minute."""
        with self._polling:
            for _ in range(minutes):
                self._run()
                passing_time.age_by_a_minute()
            self._run()

    def _run(self) -> None:
        for poll in self._polls:
            try:
                poll(time.time())
            except Exception:
                # Most likely a resource was deleted during the poll; the next poll finds the rest.
                logger.warning("a poll failed", exc_info=True)


def add_sample(namespace: str, name: str, dimensions: Mapping[str, str], value: float, unit: str, now: float) -> None:
    """Add a sample to a metric. Like CloudWatch, keep one value a minute, with the statistics of its samples."""
    data = seams.METRIC_DATA((namespace, name, seams.DIMENSIONS_KEY(dimensions)))
    minute = now // MINUTE_SECONDS * MINUTE_SECONDS
    if not data or data[-1]["Timestamp"] != minute:
        none = {"SampleCount": 0, "Sum": 0.0, "Minimum": value, "Maximum": value}
        data.append({"Timestamp": minute, "Value": value, "Unit": unit, "Dimensions": dimensions, "_stat": none})
    seen = data[-1]["_stat"]
    data[-1]["_stat"] = {
        "SampleCount": seen["SampleCount"] + 1,
        "Sum": seen["Sum"] + value,
        "Minimum": min(seen["Minimum"], value),
        "Maximum": max(seen["Maximum"], value),
    }


# --- counted as it happens


def read_embedded_metrics() -> None:
    """Take the metrics from log lines when they are stored, as CloudWatch does."""
    stock_append = seams.APPEND_LOG_EVENTS.value

    def append_log_events(stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
        stock_append(stream, events)
        for event in events:
            metrics = embedded_metrics(event["message"])
            for metric in metrics:
                data = seams.METRIC_DATA((metric.namespace, metric.name, seams.DIMENSIONS_KEY(metric.dimensions)))
                data += [
                    {
                        "Timestamp": metric.timestamp,
                        "Value": value,
                        "Unit": metric.unit,
                        "Dimensions": metric.dimensions,
                    }
                    for value in metric.values
                ]
            alarms.evaluate_those_of({(metric.namespace, metric.name) for metric in metrics})

    seams.APPEND_LOG_EVENTS.replace(append_log_events)


def measure_functions() -> None:
    """Count every invocation, also those by a queue or a schedule. A throttled one does not count as an invocation."""
    stock_dispatch = seams.DISPATCH.value
    stock_acquire = seams.ACQUIRE_SLOT.value

    def dispatch(function: dict[str, Any], config: dict[str, Any], *arguments: Any) -> Any:
        started = passing_time.now()
        result = stock_dispatch(function, config, *arguments)
        record(config, "Invocations", 1)
        record(config, "Errors", 1 if result.get("error") else 0)
        record(config, "Duration", (passing_time.now() - started) * 1000, "Milliseconds")
        return result

    def acquire_execution_slot(function: dict[str, Any], config: dict[str, Any]) -> Any:
        slot, limit = stock_acquire(function, config)
        record(config, "Throttles", 1 if slot is None else 0)
        return slot, limit

    def record(config: dict[str, Any], name: str, value: float, unit: str = "Count") -> None:
        seams.RECORD_METRIC("AWS/Lambda", name, value, unit, {"FunctionName": config["FunctionName"]})

    seams.DISPATCH.replace(dispatch)
    seams.ACQUIRE_SLOT.replace(acquire_execution_slot)
    # ministack's own count, of direct invocations only, would come on top.
    seams.EMIT_METRICS.replace(lambda *_arguments, **_named: None)


# --- polled


class Queues:
    """The depth of every queue, and the age of its oldest message."""

    def __init__(self) -> None:
        self._last_used: dict[str, float] = {}

    def poll(self, now: float) -> None:
        """Measure all queues that are in use."""
        for queue in list(seams.QUEUES.value.values()):
            name, messages = queue["name"], list(queue["messages"])
            if messages:
                self._last_used[name] = now
            if now - self._last_used.setdefault(name, now) < QUEUE_INACTIVE_AFTER_SECONDS:
                self._measure(name, messages, now)

    def _measure(self, name: str, messages: list[dict[str, Any]], now: float) -> None:
        visible = sum(message["visible_at"] <= now for message in messages)
        sent = [message["sent_at"] for message in messages if message["receive_count"] <= MAX_RECEIVES_OF_OLDEST]
        for metric, value, unit in (
            ("ApproximateNumberOfMessagesVisible", visible, "Count"),
            ("ApproximateNumberOfMessagesNotVisible", len(messages) - visible, "Count"),
            ("ApproximateAgeOfOldestMessage", now - min(sent, default=now), "Seconds"),
        ):
            add_sample("AWS/SQS", metric, {"QueueName": name}, value, unit, now)


def poll_instances(now: float) -> None:
    """Report a passed status check for every running instance. A stopped one has no check and publishes nothing."""
    for identifier, instance in list(seams.INSTANCES.value.items()):
        if instance["State"]["Name"] == "running":
            add_sample("AWS/EC2", "StatusCheckFailed", {"InstanceId": identifier}, 0, "Count", now)


class WarehouseUse:
    """What the warehouse computes (the endpoint's busy seconds times the workgroup's base capacity) and stores."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._next_poll = 0.0
        self._busy_seconds = 0.0

    def poll(self, now: float) -> None:
        """Measure the warehouse if the template has one and the last poll is long enough ago."""
        workgroup = self._warehouse.workgroup
        if workgroup is None or now < self._next_poll:
            return
        self._next_poll = now + WAREHOUSE_POLL_SECONDS
        try:
            use = self._warehouse.use()
        except (OSError, http.client.HTTPException):  # a stopped warehouse uses nothing
            return
        # An endpoint that was restarted counts from zero again.
        busy = use["busy_seconds"] - (self._busy_seconds if use["busy_seconds"] >= self._busy_seconds else 0)
        self._busy_seconds = use["busy_seconds"]
        in_workgroup, in_namespace = {"Workgroup": workgroup.name}, {"Namespace": workgroup.namespace}
        add_sample("AWS/Redshift-Serverless", "ComputeSeconds", in_workgroup, busy * workgroup.capacity, "Seconds", now)
        add_sample("AWS/Redshift-Serverless", "DataStorage", in_namespace, use["storage_megabytes"], "Megabytes", now)
