"""Publish metrics of one sender, beside those of the whole function."""

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from shared.senders import spelling


def emit_by_sender(sender: str, counts: Mapping[str, int], **properties: str) -> None:
    """Write counts as metrics that have their sender as a dimension, beside the service, with properties to search for.

    CloudWatch takes dimensions of ASCII only. All spellings of a café are one sender.
    """
    metrics = EphemeralMetrics()
    metrics.add_dimension("Sender", spelling(sender).encode("ascii", "replace").decode() or "nobody")
    for name, count in counts.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    for name, value in properties.items():
        metrics.add_metadata(name, value)
    metrics.flush_metrics()
