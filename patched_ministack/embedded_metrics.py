"""Read the metrics in a log line of CloudWatch's embedded metric format. Pure; does not use ministack."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MARK = '"_aws"'


@dataclass(frozen=True)
class EmbeddedMetric:
    """The values of one metric with one set of dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    values: tuple[float, ...]
    timestamp: float


def embedded_metrics(line: str) -> list[EmbeddedMetric]:
    """Give the metrics in a line; none if the line is in another format, or breaks this one."""
    if MARK not in line:
        return []
    try:
        return list(_read(json.loads(line)))
    except (AttributeError, KeyError, TypeError, ValueError):
        return []


def _read(entry: dict[str, Any]) -> Iterator[EmbeddedMetric]:
    for directive in entry["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            for metric in directive["Metrics"]:
                value = entry[metric["Name"]]
                yield EmbeddedMetric(
                    namespace=directive["Namespace"],
                    name=metric["Name"],
                    dimensions={name: str(entry[name]) for name in names},
                    unit=metric.get("Unit", "None"),
                    values=tuple(float(number) for number in (value if isinstance(value, list) else [value])),
                    timestamp=entry["_aws"]["Timestamp"] / 1000,
                )
