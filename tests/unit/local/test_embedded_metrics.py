"""Metrics are read from log lines as Powertools writes them; other lines have no metrics."""

import json
import time
from typing import Any

import pytest
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from patched_ministack.embedded_metrics import embedded_metrics

LINE: dict[str, Any] = {
    "_aws": {
        "Timestamp": 1_795_600_000_500,
        "CloudWatchMetrics": [
            {"Namespace": "Cafe", "Dimensions": [["service"]], "Metrics": [{"Name": "Files", "Unit": "Count"}]}
        ],
    },
    "service": "load",
    "Files": [1.0, 2.0],
}


def test_what_powertools_writes_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = Metrics(namespace="Cafe", service="load")
    metrics.add_metric("SecondsToLoad", MetricUnit.Seconds, 3)
    metrics.add_metric("SecondsToLoad", MetricUnit.Seconds, 5)
    metrics.add_metric("CheckFaults", MetricUnit.Count, 0)
    metrics.flush_metrics()

    found = {metric.name: metric for metric in embedded_metrics(capsys.readouterr().out.strip())}

    assert found.keys() == {"SecondsToLoad", "CheckFaults"}
    lag = found["SecondsToLoad"]
    assert (lag.namespace, lag.dimensions, lag.unit, lag.values) == ("Cafe", {"service": "load"}, "Seconds", (3, 5))
    assert found["CheckFaults"].values == (0.0,)
    assert abs(lag.timestamp - time.time()) < 60


def test_the_time_is_in_seconds() -> None:
    (metric,) = embedded_metrics(json.dumps(LINE))

    assert metric.timestamp == 1_795_600_000.5
    assert metric.values == (1.0, 2.0)


@pytest.mark.parametrize(
    "line",
    [
        "START RequestId: 1",
        '{"message": "file.completed", "rows_loaded": 3}',
        '{"_aws": "broken',
        '{"_aws": {}}',
        '{"_aws": []}',
        json.dumps({**LINE, "Files": "many"}),
        json.dumps({key: value for key, value in LINE.items() if key != "service"}),
    ],
    ids=["platform", "event", "no JSON", "no directive", "no object", "no number", "no such dimension"],
)
def test_any_other_line_has_no_metrics(line: str) -> None:
    assert embedded_metrics(line) == []
