"""Measure what AWS's services measure of themselves, into the emulator's CloudWatch, and evaluate the alarms on it.

ministack stores metrics but takes few: none from log lines, none of queues and instances, and of functions only those
that somebody invokes directly. So a thread here looks at the queues, the instances and the warehouse, and the paths on
which functions run and log tell what goes by. It reads numbers only: how many, how long, how old.
"""

import http.client
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, ec2, lambda_svc, sqs

from patched_ministack import alarms
from patched_ministack.embedded_metrics import embedded_metrics
from patched_ministack.stand_ins import Warehouse

LOOK_SECONDS = 1.0
MINUTE_SECONDS = 60
# The warehouse is asked over HTTP, so less often.
WAREHOUSE_LOOK_SECONDS = 5.0
# SQS tells nothing of a queue that had no message for so long.
QUEUE_SLEEPS_AFTER_SECONDS = 6 * 60 * 60
# A message that was received so often and not deleted does not count as the oldest any more.
RECEIVED_TOO_OFTEN = 3

logger = logging.getLogger("measures")


def begin(warehouse: Warehouse) -> None:
    """Measure from now on; once, before the emulator serves its first request."""
    measure_functions()
    read_embedded_metrics()
    alarms.evaluate_as_cloudwatch()
    looks = (Queues().look, look_at_instances, WarehouseUse(warehouse).look, lambda _now: alarms.evaluate_all())
    threading.Thread(target=_look_for_ever, args=(looks,), name="measures", daemon=True).start()


def _look_for_ever(looks: tuple[Callable[[float], None], ...]) -> None:
    while True:
        for look in looks:
            try:
                look(time.time())
            except Exception:
                # A resource that goes while it is looked at, most likely; the next look finds the rest.
                logger.warning("a look failed", exc_info=True)
        time.sleep(LOOK_SECONDS)


def observe(namespace: str, name: str, dimensions: Mapping[str, str], value: float, unit: str, now: float) -> None:
    """Keep one look at a metric: one datum a minute, as CloudWatch does, whose statistics sum up the minute's looks."""
    data = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dimensions)))
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


# --- what goes by


def read_embedded_metrics() -> None:
    """Take the metrics out of log lines as they are stored, which is where CloudWatch takes them."""
    stock_append = cloudwatch_logs._append_log_events

    def append_log_events(stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
        stock_append(stream, events)
        for metric in (metric for event in events for metric in embedded_metrics(event["message"])):
            data = cloudwatch._metric_bucket((metric.namespace, metric.name, cloudwatch._dims_key(metric.dimensions)))
            data += [
                {"Timestamp": metric.timestamp, "Value": value, "Unit": metric.unit, "Dimensions": metric.dimensions}
                for value in metric.values
            ]

    cloudwatch_logs._append_log_events = append_log_events


def measure_functions() -> None:
    """Count every invocation, also those that a queue or a schedule causes; one that is throttled is none."""
    stock_dispatch = lambda_svc._execute_function_dispatch
    stock_acquire = lambda_svc._acquire_execution_slot

    def dispatch(function: dict[str, Any], config: dict[str, Any], *arguments: Any) -> Any:
        started = time.time()
        result = stock_dispatch(function, config, *arguments)
        tell(config, "Invocations", 1)
        tell(config, "Errors", 1 if result.get("error") else 0)
        tell(config, "Duration", (time.time() - started) * 1000, "Milliseconds")
        return result

    def acquire_execution_slot(function: dict[str, Any], config: dict[str, Any]) -> Any:
        slot, limit = stock_acquire(function, config)
        tell(config, "Throttles", 1 if slot is None else 0)
        return slot, limit

    def tell(config: dict[str, Any], name: str, value: float, unit: str = "Count") -> None:
        cloudwatch.record_metric("AWS/Lambda", name, value, unit, {"FunctionName": config["FunctionName"]})

    lambda_svc._execute_function_dispatch = dispatch
    lambda_svc._acquire_execution_slot = acquire_execution_slot
    lambda_svc._emit_lambda_metrics = lambda *_arguments, **_named: None


# --- what is looked at


class Queues:
    """The depth of every queue, and the age of its oldest message."""

    def __init__(self) -> None:
        self._last_used: dict[str, float] = {}

    def look(self, now: float) -> None:
        """Look at all queues that are in use."""
        for queue in list(sqs._queues.values()):
            name, messages = queue["name"], list(queue["messages"])
            if messages:
                self._last_used[name] = now
            if now - self._last_used.setdefault(name, now) < QUEUE_SLEEPS_AFTER_SECONDS:
                self._measure(name, messages, now)

    def _measure(self, name: str, messages: list[dict[str, Any]], now: float) -> None:
        visible = sum(message["visible_at"] <= now for message in messages)
        sent = [message["sent_at"] for message in messages if message["receive_count"] <= RECEIVED_TOO_OFTEN]
        for metric, value, unit in (
            ("ApproximateNumberOfMessagesVisible", visible, "Count"),
            ("ApproximateNumberOfMessagesNotVisible", len(messages) - visible, "Count"),
            ("ApproximateAgeOfOldestMessage", now - min(sent, default=now), "Seconds"),
        ):
            observe("AWS/SQS", metric, {"QueueName": name}, value, unit, now)


def look_at_instances(now: float) -> None:
    """Pass the status check of every instance that runs. One that is stopped has none, and tells nothing."""
    for identifier, instance in list(ec2._instances.items()):
        if instance["State"]["Name"] == "running":
            observe("AWS/EC2", "StatusCheckFailed", {"InstanceId": identifier}, 0, "Count", now)


class WarehouseUse:
    """What the warehouse computes and stores: the endpoint's busy seconds, times the workgroup's base capacity."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._next_look = 0.0
        self._busy_seconds = 0.0

    def look(self, now: float) -> None:
        """Ask the endpoint, when it is time to and the template has a warehouse."""
        workgroup = self._warehouse.workgroup
        if workgroup is None or now < self._next_look:
            return
        self._next_look = now + WAREHOUSE_LOOK_SECONDS
        try:
            use = self._warehouse.use()
        except (OSError, http.client.HTTPException):  # it is stopped, and so uses nothing
            return
        # An endpoint that was started anew counts from nought.
        busy = use["busy_seconds"] - (self._busy_seconds if use["busy_seconds"] >= self._busy_seconds else 0)
        self._busy_seconds = use["busy_seconds"]
        in_workgroup, in_namespace = {"Workgroup": workgroup.name}, {"Namespace": workgroup.namespace}
        observe("AWS/Redshift-Serverless", "ComputeSeconds", in_workgroup, busy * workgroup.capacity, "Seconds", now)
        observe("AWS/Redshift-Serverless", "DataStorage", in_namespace, use["storage_megabytes"], "Megabytes", now)
