"""No test waits for long by the clock on the wall: it waits for an event, or lets the minutes of a clock pass."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# A test may sleep for what has no event, such as S3's whole seconds.
MOST_SECONDS = 2.5
# These do not sleep on the wall's clock: the argument is time of a simulation.
SIMULATED = {"clock.sleep"}
FILES = sorted(path for path in TESTS.rglob("*.py") if path.relative_to(TESTS).parts[0] != "ordeal")


def sleeps_of(source: str) -> list[tuple[int, float | None]]:
    """Return the line of each sleep in a module, and its seconds: None if they are no number and no constant."""
    tree = ast.parse(source)
    constants = constants_of(tree)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (module := TESTS / f"{str(node.module).replace('.', '/')}.py").exists():
            constants |= constants_of(ast.parse(module.read_text(encoding="utf-8")))
    return [
        (node.lineno, seconds_of(constants.get(ast.unparse(node.args[0]), node.args[0])))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("sleep")
        and not ast.unparse(node.func).endswith(tuple(SIMULATED))
        and node.args
    ]


def constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    """Return what a module assigns to its names."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def seconds_of(value: ast.expr) -> float | None:
    """Return the number that an expression is, if it is one."""
    is_number = isinstance(value, ast.Constant) and isinstance(value.value, int | float)
    return float(ast.literal_eval(value)) if is_number else None


def test_no_test_sleeps_for_long() -> None:
    long = [
        f"{file.relative_to(TESTS)}:{line} sleeps for {seconds} seconds"
        for file in FILES
        for line, seconds in sleeps_of(file.read_text(encoding="utf-8"))
        if seconds is None or seconds > MOST_SECONDS
    ]

    assert long == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.sleep(60)", [(2, 60.0)]),
        ("PAUSE = 9\nsleep(PAUSE)", [(2, 9.0)]),
        ("sleep(2 * minutes)", [(1, None)]),
        ("from e2e.alarms import MINUTES_TO_JUDGE\nsleep(MINUTES_TO_JUDGE)", [(2, 3.0)]),
        ("world.clock.sleep(600)", []),
    ],
)
def test_a_long_sleep_is_noticed(source: str, found: list[tuple[int, float | None]]) -> None:
    assert sleeps_of(source) == found
