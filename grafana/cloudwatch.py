"""Queries on CloudWatch. Hidden variables find the names that CloudFormation generates; no board contains one."""

from typing import Any

from grafana_foundation_sdk.builders.cloudwatch import MetricsQuery
from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.cloudwatch import MetricEditorMode, MetricQueryType, QueryMode
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

CLOUDWATCH = DataSourceRef(type_val="cloudwatch", uid="cafe-cloudwatch")
# Every value of the dimension.
ANY = "*"
# The variable holds the environment whose Grafana shows the board, such as dev.
ENVIRONMENT = "environment"
# The pipeline's own metrics.
OUR_METRICS = f"Cafe/${ENVIRONMENT}"


def metric(
    namespace: str,
    name: str,
    statistic: str,
    dimensions: dict[str, str],
    *,
    ref_id: str = "A",
    identifier: str = "",
    label: str = "",
    period: str = "300",
    hidden: bool = False,
) -> MetricsQuery:
    """Query a metric. A variable or `ANY` as a dimension's value gives one series for each value."""
    return (
        _query(ref_id, identifier, label, period, hidden=hidden)
        .metric_editor_mode(MetricEditorMode.BUILDER)
        .namespace(namespace)
        .metric_name(name)
        .statistic(statistic)
        .dimensions({key: [value] if value.startswith("$") else value for key, value in dimensions.items()})
        .match_exact(True)
        .expression("")
    )


def arithmetic(expression: str, *, ref_id: str, label: str, period: str) -> MetricsQuery:
    """Calculate from other queries of the panel, which the expression names by identifier."""
    return (
        _query(ref_id, ref_id.lower(), label, period, hidden=False)
        .metric_editor_mode(MetricEditorMode.CODE)
        .namespace("")
        .metric_name("")
        .statistic("Sum")
        .dimensions({})
        .match_exact(True)
        .expression(expression)
    )


def own_environment() -> QueryVariable:
    """Make a hidden variable: the environment, as the namespace of the pipeline's own metrics names it.

    Grafana lists the namespaces that it knows itself, and those of the data source's customMetricsNamespaces. The
    provisioned data source has one. Of what the pattern matches, Grafana takes the captured group.
    """
    return _hidden(ENVIRONMENT, {"queryType": "namespaces"}, "/^Cafe\\/(.+)/")


def names(variable: str, namespace: str, metric_name: str, dimension: str, pattern: str) -> QueryVariable:
    """Make a hidden variable: the values of a dimension that match the pattern, all of them chosen.

    Grafana replaces variables in a pattern by their values, so it may name the environment.
    """
    query = {
        "queryType": "dimensionValues",
        "region": "default",
        "namespace": namespace,
        "metricName": metric_name,
        "dimensionKey": dimension,
        "dimensionFilters": {},
    }
    every = VariableOption(selected=True, text=["All"], value=["$__all"])
    return _hidden(variable, query, pattern).multi(True).include_all(True).current(every)


def _hidden(variable: str, query: dict[str, Any], pattern: str) -> QueryVariable:
    return (
        QueryVariable(variable)
        .datasource(CLOUDWATCH)
        .query(query | {"refId": f"CloudWatchVariableQueryEditor-{variable}"})
        .regex(pattern)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .hide(VariableHide.HIDE_VARIABLE)
    )


def _query(ref_id: str, identifier: str, label: str, period: str, *, hidden: bool) -> MetricsQuery:
    return (
        MetricsQuery()
        .datasource(CLOUDWATCH)
        .query_mode(QueryMode.METRICS)
        .metric_query_type(MetricQueryType.SEARCH)
        .region("default")
        .ref_id(ref_id)
        .id(identifier)
        .label(label)
        .period(period)
        .hide(hidden)
    )
