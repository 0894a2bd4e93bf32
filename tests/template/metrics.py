"""The metrics that alarms and dashboards may use, each with the dimension that it is published with."""

import re
from functools import cache
from pathlib import Path

from load.statements import measure_names

SOURCES = Path(__file__).parents[2] / "src"
# Dev and prod may share an account, so the pipeline's own metrics have a namespace for each of them.
OUR_NAMESPACE = "Cafe/${Environment}"
# AWS's metrics that the stack uses, as the services document them.
AWS_METRICS = {
    "AWS/SQS": ("QueueName", {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}),
    "AWS/Lambda": ("FunctionName", {"Duration", "Errors", "Throttles"}),
    "AWS/EC2": ("InstanceId", {"StatusCheckFailed"}),
    "AWS/Scheduler": ("ScheduleGroup", {"InvocationAttemptCount", "InvocationDroppedCount"}),
}
REDSHIFT_METRICS = {"ComputeSeconds": "Workgroup", "DataStorage": "Namespace"}
# The type of resource that each dimension names.
MEASURED = {
    "QueueName": "AWS::SQS::Queue",
    "FunctionName": "AWS::Lambda::Function",
    "InstanceId": "AWS::EC2::Instance",
    "ScheduleGroup": "AWS::Scheduler::ScheduleGroup",
    "Workgroup": "AWS::RedshiftServerless::Workgroup",
    "Namespace": "AWS::RedshiftServerless::Namespace",
}


@cache
def stage_metrics() -> dict[str, set[str]]:
    """Return the metrics that each stage's code publishes, including those of the scheduled check."""
    counted = {
        part: {
            name
            for source in (SOURCES / part).glob("*.py")
            for name in re.findall(r'add_metric\("(\w+)"', source.read_text(encoding="utf-8"))
        }
        for part in ("shared", "extract", "transform", "load")
    }
    counted["load"] |= {name.title().replace("_", "") for name in measure_names()}
    return {stage: counted[stage] | counted["shared"] for stage in ("extract", "transform", "load")}


@cache
def sender_metrics() -> set[str]:
    """Return the metrics that load publishes by sender as well. No alarm can watch one by the service alone."""
    source = (SOURCES / "load" / "delivery.py").read_text(encoding="utf-8")
    return {
        name
        for counts in re.findall(r"emit_by_sender\([^{]*{([^}]*)}", source)
        for name in re.findall(r'"(\w+)":', counts)
    }


def dimension_of(namespace: object, metric: str, value: object) -> str | None:
    """Return the dimension that a metric is published with; None if there is no such metric.

    ``namespace`` is a text or a Fn::Sub.
    """
    namespace = namespace.get("Fn::Sub") if isinstance(namespace, dict) else namespace
    if namespace == OUR_NAMESPACE:
        return "service" if metric in stage_metrics().get(str(value), set()) else None
    if namespace == "AWS/Redshift-Serverless":
        return REDSHIFT_METRICS.get(metric)
    dimension, metrics = AWS_METRICS.get(str(namespace), ("", set()))
    return dimension if metric in metrics else None
