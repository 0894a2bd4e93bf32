"""What measures itself: the metrics that alarms and dashboards may name, each with the dimension that it comes with."""

import re
from functools import cache
from pathlib import Path

from load.statements import measure_names

SOURCES = Path(__file__).parents[2] / "src"
# Of AWS's own, those that the stack uses, as their services document them.
OF_AWS = {
    "AWS/SQS": ("QueueName", {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}),
    "AWS/Lambda": ("FunctionName", {"Duration", "Errors", "Throttles"}),
    "AWS/EC2": ("InstanceId", {"StatusCheckFailed"}),
}
OF_REDSHIFT = {"ComputeSeconds": "Workgroup", "DataStorage": "Namespace"}
# What kind of resource a dimension's value is the name of.
MEASURED = {
    "QueueName": "AWS::SQS::Queue",
    "FunctionName": "AWS::Lambda::Function",
    "InstanceId": "AWS::EC2::Instance",
    "Workgroup": "AWS::RedshiftServerless::Workgroup",
    "Namespace": "AWS::RedshiftServerless::Namespace",
}


@cache
def of_the_stages() -> dict[str, set[str]]:
    """Find the metrics that each stage's code counts, and those that the scheduled check takes."""
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


def dimension_of(namespace: str, metric: str, value: object) -> str | None:
    """Name the dimension that a metric comes with; None when there is no such metric."""
    if namespace == "Cafe":
        return "service" if metric in of_the_stages().get(str(value), set()) else None
    if namespace == "AWS/Redshift-Serverless":
        return OF_REDSHIFT.get(metric)
    dimension, metrics = OF_AWS.get(namespace, ("", set()))
    return dimension if metric in metrics else None
