"""House rules for environments that share an account: the metrics of one never count for another."""

import json
from collections.abc import Iterator

from template.metrics import OUR_NAMESPACE
from template.stack import Stack


def functions_publish_metrics_of_their_environment(stack: Stack) -> Iterator[str]:
    """Powertools takes the namespace from this variable. It publishes the same metrics in dev and in prod."""
    for function in stack.of_type("AWS::Lambda::Function"):
        namespace = function.properties["Environment"]["Variables"].get("POWERTOOLS_METRICS_NAMESPACE")
        if namespace != {"Fn::Sub": OUR_NAMESPACE}:
            yield f"{function.logical_id}: publishes metrics in {namespace}, which does not name the environment"


def alarms_read_metrics_of_their_environment(stack: Stack) -> Iterator[str]:
    """With one namespace for all, a check of dev would end an alarm of prod."""
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        namespace = alarm.properties["Namespace"]
        if not str(namespace).startswith("AWS/") and namespace != {"Fn::Sub": OUR_NAMESPACE}:
            yield f"{alarm.logical_id}: reads metrics in {namespace}, which does not name the environment"


def dashboards_show_metrics_of_their_environment(stack: Stack) -> Iterator[str]:
    """A line that begins with "..." repeats the namespace of the line before."""
    for dashboard in stack.of_type("AWS::CloudWatch::Dashboard"):
        for widget in json.loads(dashboard.properties["DashboardBody"]["Fn::Sub"])["widgets"]:
            for namespace, *_ in widget["properties"].get("metrics", []):
                if namespace != "..." and not namespace.startswith("AWS/") and namespace != OUR_NAMESPACE:
                    yield f"{dashboard.logical_id}: shows metrics in {namespace}, which does not name the environment"
