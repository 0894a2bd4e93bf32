"""docs/reliability.md lists all seventy faults, each with the tests that have its number, or with a reason."""

import ast
import re

import pytest

from e2e.calls import CALLS
from unit.docs.pages import ROOT, page, sections, table_rows

FAULTS = {row["fault"]: row["shown by"] for row in table_rows(sections(page("reliability"), 2)["The faults"])}
RULES = {
    node.name
    for path in (ROOT / "tests/template/rules").glob("*.py")
    for node in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef)
}


def faults_tested() -> dict[str, set[str]]:
    """Return the files with tests of each fault, by the numbers in the tests' names."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for fault in re.findall(r"F\d\d", node.name):
                    found.setdefault(fault, set()).add(path.relative_to(ROOT / "tests").as_posix())
    return found


TESTED = faults_tested()


def test_all_seventy_faults_are_listed_once_and_in_order() -> None:
    assert list(FAULTS) == [f"F{number:02}" for number in range(1, 71)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_the_files_of_all_tests_with_its_number(fault: str) -> None:
    assert set(re.findall(r"[\w/]+\.py", FAULTS[fault])) == TESTED.get(fault, set())


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in TESTED])
def test_a_fault_without_a_test_names_a_rule_of_the_template_or_a_reason(fault: str) -> None:
    assert FAULTS[fault].startswith(("rule ", "no test of its own: "))


def test_the_page_counts_the_calls_that_are_denied() -> None:
    text = sections(page("reliability"), 2)["Permissions"]

    assert f"makes {len(CALLS)} calls" in text
    assert f"{sum(len(call.denied) for call in CALLS)} calls are denied" in text


def test_the_rules_that_the_page_names_exist() -> None:
    named = {rule for shown in FAULTS.values() for rule in re.findall(r"rule (\w+)", shown)}

    assert named
    assert named <= RULES
