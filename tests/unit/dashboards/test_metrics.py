"""The preview computes what AWS would compute for Grafana: calculations, ``*`` and labels."""

from datetime import UTC, datetime

import pytest

from cafe.dashboards import BoardError
from cafe.dashboards.boards import Dimension, MetricTarget
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.frames import Frame
from cafe.dashboards.preview.metrics import answer_metrics, dimension_choices
from cafe.dashboards.variables import Values
from fixtures.known_metrics import KnownMetrics

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
A_DAY = Period.before(NOW, "now-24h")
VISIBLE = "ApproximateNumberOfMessagesVisible"
ARRIVALS = "cafe-dev-ArrivalsQueue-1A"


def target(**changes: object) -> MetricTarget:
    fields: dict[str, object] = {
        "ref_id": "A",
        "id": "",
        "namespace": "AWS/SQS",
        "metric_name": VISIBLE,
        "statistic": "Maximum",
        "dimensions": {"QueueName": (ARRIVALS,)},
        "period": "300",
        "expression": "",
        "label": "",
    }
    return MetricTarget(**(fields | changes))  # type: ignore[arg-type]  # the values have the types of the fields


def ask(*targets: MetricTarget, values: Values | None = None) -> list[Frame]:
    return answer_metrics(targets, KnownMetrics(NOW), A_DAY, values or {})


def newest(frame: Frame) -> object:
    return frame.field("Value").values[-1]


def test_a_metric_is_a_frame_with_its_times_and_its_label() -> None:
    (frame,) = ask(target(label="${PROP('Dim.QueueName')}: ${LABEL}"))

    assert newest(frame) == 17
    assert len(frame.field("Time").values) == 12
    assert frame.field("Value").display_name == f"{ARRIVALS}: {VISIBLE}"


def test_a_star_gives_every_value_and_a_variable_the_chosen_ones() -> None:
    every = ask(target(dimensions={"QueueName": ("*",)}))
    chosen = ask(target(dimensions={"QueueName": ("$queue",)}), values={"queue": [ARRIVALS]})

    assert sorted(newest(frame) for frame in every) == [3, 17, 999]  # type: ignore[type-var]
    assert [newest(frame) for frame in chosen] == [17]


def test_a_namespace_may_be_a_variable() -> None:
    faults = target(namespace="$metrics", metric_name="CheckFaults", dimensions={"service": ("load",)})
    every = target(ref_id="B", namespace="$metrics", metric_name="TerminalFailures", dimensions={"service": ("*",)})

    frames = ask(faults, every, values={"metrics": ["Cafe/dev"]})

    assert [newest(frame) for frame in frames] == [8, 4]


def test_an_expression_is_calculated_from_targets_that_may_be_hidden() -> None:
    seconds = target(
        id="compute",
        hidden=True,
        namespace="AWS/Redshift-Serverless",
        metric_name="ComputeSeconds",
        dimensions={"Workgroup": ("cafe-dev",)},
    )

    (frame,) = ask(seconds, target(ref_id="B", id="cost", expression="compute / 3600 * 0.375", label="Cost"))

    assert (frame.ref_id, newest(frame)) == ("B", pytest.approx(1.0))


def test_an_unsupported_expression_is_refused() -> None:
    with pytest.raises(BoardError, match="FILL"):
        ask(target(id="depth"), target(ref_id="B", expression="FILL(depth, 0)"))


def test_a_series_without_values_gives_no_frame() -> None:
    assert ask(target(dimensions={"QueueName": ("$queue",)}), values={"queue": []}) == []


def test_the_choices_of_a_dimension_are_its_values() -> None:
    assert dimension_choices(Dimension("AWS/SQS", VISIBLE, "QueueName"), KnownMetrics(NOW)) == [
        "cafe-dev-ArrivalsDeadLetterQueue-1A",
        ARRIVALS,
        "somebody-elses",
    ]
