"""Each benchmark that has a warehouse or a build of its own runs, on a size that says nothing about speed."""

from collections.abc import Callable

import pytest

from bench import boards, growth, marts, results, starts
from bench.figures import Figure

ORDERS = 500


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        (lambda: results.measure(ORDERS), 6),
        (lambda: marts.measure(ORDERS, 1), 1),
        (lambda: boards.measure(ORDERS, 1), 1),
        (lambda: growth.measure(ORDERS, 1), 1),
        (lambda: starts.measure(1), 3),
    ],
    ids=["results", "marts", "boards", "growth", "starts"],
)
def test_a_benchmark_runs(measure: Callable[[], list[Figure]], figures: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "SMALL_ORDERS", ORDERS)

    measured = measure()

    assert len(measured) >= figures
    assert all(figure.measured > 0 for figure in measured)
