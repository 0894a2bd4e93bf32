"""The CloudWatch dashboard: its body is valid, and each widget shows a metric or an alarm that exists."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from template.metrics import MEASURED, dimension_of
from template.stack import Stack, read_source

COLUMNS = 24
STATISTICS = {"Maximum", "Minimum", "Average", "Sum", "SampleCount", "p50", "p95", "p99"}
REFERENCE = re.compile(r"\$\{(\w+)(?:\.\w+)?\}")

type Widget = dict[str, Any]


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(read_source())


@pytest.fixture(scope="module")
def widgets(stack: Stack) -> list[Widget]:
    body: dict[str, Any] = json.loads(stack.resources["OperationsDashboard"].properties["DashboardBody"]["Fn::Sub"])
    assert body.keys() == {"start", "widgets"}
    return list(body["widgets"])


def metrics_of(widgets: list[Widget]) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """Return namespace, metric, dimension, its value and the options of each line. "..." repeats the line before."""
    found = []
    for widget in widgets:
        before: list[str] = []
        for *line, options in widget["properties"].get("metrics", []):
            before = [*before[:-1], line[-1]] if line[0] == "..." else line
            namespace, metric, dimension, value = before
            found.append((namespace, metric, dimension, value, options))
    return found


def test_widgets_fill_the_grid_and_do_not_overlap(widgets: list[Widget]) -> None:
    places = [
        {(x, y) for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])}
        for w in widgets
    ]

    assert all(x < COLUMNS for place in places for x, _ in place)
    assert not any(one & other for one, other in combinations(places, 2))
    assert len(set().union(*places)) == COLUMNS * (1 + max(y for place in places for _, y in place))


def test_every_widget_has_a_title_of_its_own(widgets: list[Widget]) -> None:
    titles = [widget["properties"]["title"] for widget in widgets]

    assert len(set(titles)) == len(titles)


def test_every_alarm_is_on_the_dashboard(stack: Stack, widgets: list[Widget]) -> None:
    shown = [arn for widget in widgets for arn in widget["properties"].get("alarms", [])]

    assert shown == [f"${{{alarm.logical_id}.Arn}}" for alarm in stack.of_type("AWS::CloudWatch::Alarm")]


def test_every_line_shows_a_metric_that_a_resource_of_the_stack_publishes(stack: Stack, widgets: list[Widget]) -> None:
    for namespace, metric, dimension, value, options in metrics_of(widgets):
        assert dimension_of(namespace, metric, value) == dimension, metric
        if dimension in MEASURED:
            (reference,) = REFERENCE.findall(value)
            assert stack.resources[reference].type == MEASURED[dimension], value
        assert options["label"]
        assert options.get("stat", "Maximum") in STATISTICS


def test_every_metric_that_an_alarm_watches_is_shown(stack: Stack, widgets: list[Widget]) -> None:
    shown = {metric for _, metric, *_ in metrics_of(widgets)}

    assert {alarm.properties["MetricName"] for alarm in stack.of_type("AWS::CloudWatch::Alarm")} <= shown
