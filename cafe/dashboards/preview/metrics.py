"""Answer the CloudWatch panels of a board, through GetMetricData, as Grafana's CloudWatch plugin would.

Three things that AWS computes and the local emulator does not are computed here: calculations on other metrics, ``*``
for every value of a dimension, and the names of series.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched, product
from typing import Any

from cafe.dashboards import BoardError
from cafe.dashboards.boards import Dimension, MetricTarget
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.frames import Field, FieldType, Frame
from cafe.dashboards.variables import Values, interpolate_text

QUERIES_A_CALL = 500
# Without an interval in the board, the shortest of these that gives at most MOST_POINTS points is used.
AUTOMATIC_SECONDS = (60, 300, 900, 3600, 21600, 86400)
MOST_POINTS = 400
EVERY_VALUE = "*"
PROPERTY = re.compile(r"\$\{PROP\('(Dim\.)?(\w+)'\)\}")
OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

type Points = dict[datetime, float]


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a panel: its name, and its values by the start of each interval."""

    label: str
    points: Points


@dataclass(frozen=True, slots=True)
class _Metric:
    """A metric with one value for each dimension, as a target asks for it, variables replaced."""

    target: MetricTarget
    namespace: str
    dimensions: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """Fill in the target's label as CloudWatch does."""
        properties = dict(self.dimensions) | {"MetricName": self.target.metric_name, "Stat": self.target.statistic}
        label = PROPERTY.sub(lambda found: properties.get(found[2], ""), self.target.label)
        return label.replace("${LABEL}", self.target.metric_name) or self.target.metric_name


def answer_metrics(targets: Sequence[MetricTarget], cloudwatch: Any, period: Period, values: Values) -> list[Frame]:
    """Answer a panel's targets: one frame for each series, in their order. Hidden targets give no frame."""
    series: dict[str, list[Series]] = {}
    for target in (target for target in targets if not target.expression):
        series[target.id or target.ref_id] = _get_series(target, cloudwatch, period, values)
    known = {name: found[0].points for name, found in series.items() if found}
    for target in (target for target in targets if target.expression):
        points = _calculate(target.expression, known)
        series[target.id or target.ref_id] = [Series(target.label or target.expression, points)]
    return [
        _frame(target.ref_id, found)
        for target in targets
        if not target.hidden
        for found in series[target.id or target.ref_id]
        if found.points
    ]


def dimension_choices(dimension: Dimension, cloudwatch: Any) -> list[str]:
    """Return the values of a dimension of a metric."""
    return _values_of(cloudwatch, dimension.namespace, dimension.metric_name, dimension.key)


def _get_series(target: MetricTarget, cloudwatch: Any, period: Period, values: Values) -> list[Series]:
    metrics = _metrics_of(target, cloudwatch, values)
    queries = [_query(f"q{place}", metric, _seconds(target, period)) for place, metric in enumerate(metrics)]
    found: dict[str, Points] = {query["Id"]: {} for query in queries}
    for batch in batched(queries, QUERIES_A_CALL, strict=False):
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=list(batch), StartTime=period.start, EndTime=period.end, ScanBy="TimestampAscending"
        )
        for result in (result for page in pages for result in page["MetricDataResults"]):
            moments = (moment.astimezone(UTC) for moment in result["Timestamps"])
            found[result["Id"]] |= dict(zip(moments, result["Values"], strict=True))
    return [Series(metric.label, found[query["Id"]]) for metric, query in zip(metrics, queries, strict=True)]


def _metrics_of(target: MetricTarget, cloudwatch: Any, values: Values) -> list[_Metric]:
    """Return every combination of the dimensions' values."""
    namespace = interpolate_text(target.namespace, values)
    choices = []
    for name, texts in target.dimensions.items():
        chosen: list[str] = []
        for text in texts:
            if text == EVERY_VALUE:
                chosen += _values_of(cloudwatch, namespace, target.metric_name, name)
            elif text.startswith("$"):
                chosen += values[text.strip("${}").partition(":")[0]]
            else:
                chosen.append(interpolate_text(text, values))
        choices.append([(name, value) for value in chosen])
    return [_Metric(target, namespace, dimensions) for dimensions in product(*choices)]


def _values_of(cloudwatch: Any, namespace: str, metric_name: str, key: str) -> list[str]:
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace, MetricName=metric_name)
    metrics = (metric for page in pages for metric in page["Metrics"])
    return sorted({entry["Value"] for metric in metrics for entry in metric["Dimensions"] if entry["Name"] == key})


def _query(name: str, metric: _Metric, seconds: int) -> dict[str, Any]:
    dimensions = [{"Name": key, "Value": value} for key, value in metric.dimensions]
    measured = {"Namespace": metric.namespace, "MetricName": metric.target.metric_name, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": measured, "Period": seconds, "Stat": metric.target.statistic}}


def _seconds(target: MetricTarget, period: Period) -> int:
    if target.period.isdigit():
        return int(target.period)
    length = (period.end - period.start).total_seconds()
    return next((each for each in AUTOMATIC_SECONDS if length / each <= MOST_POINTS), AUTOMATIC_SECONDS[-1])


def _calculate(expression: str, known: Mapping[str, Points]) -> Points:
    """Calculate an expression at each moment at which all metrics in it have a value."""
    tree = ast.parse(expression, mode="eval").body
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    # Evaluate once with made-up values: an unsupported expression is refused even when the metrics have no points.
    _value(tree, dict.fromkeys(names, 1.0), expression)
    columns = [known.get(name, {}) for name in names]
    moments = set.intersection(*(set(points) for points in columns)) if columns else set()
    return {
        moment: _value(tree, {name: known[name][moment] for name in names}, expression) for moment in sorted(moments)
    }


def _value(node: ast.expr, known: Mapping[str, float], expression: str) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](_value(left, known, expression), _value(right, known, expression))
    raise BoardError(
        f"The preview cannot calculate the metric {expression!r}.", "Use only metrics, numbers and + - * /."
    )


def _frame(ref_id: str, series: Series) -> Frame:
    moments = sorted(series.points)
    time = Field("Time", FieldType.TIME, tuple(moments))
    value = Field(
        "Value", FieldType.NUMBER, tuple(series.points[moment] for moment in moments), display_name=series.label
    )
    return Frame(ref_id, (time, value))
