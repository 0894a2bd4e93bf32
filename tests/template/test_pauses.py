"""The longest pause of a schedule, by which the alarm on its silence is judged."""

import pytest

from template.pauses import HOUR, longest_pause_seconds


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        pytest.param("rate(1 day)", 24, id="a rate"),
        pytest.param("rate(30 minutes)", 0.5, id="a short rate"),
        pytest.param("cron(0 7,22 * * ? *)", 15, id="the longer of two pauses"),
        pytest.param("cron(0 7,20 * * ? *)", 13, id="by day as long as at night"),
        pytest.param("cron(0 7,18 * * ? *)", 14, id="at night, an hour longer when the clocks change"),
        pytest.param("cron(30 3 * * ? *)", 25, id="once a day"),
    ],
)
def test_the_longest_pause_of_a_schedule(expression: str, hours: float) -> None:
    assert longest_pause_seconds(expression) == hours * HOUR


def test_an_expression_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ValueError, match="MON"):
        longest_pause_seconds("cron(0 7 ? * MON *)")
