"""A load has few statements, of few forms: a warehouse that just woke needs seconds for each form."""

from collections.abc import Mapping

import pytest

from bench.statements import MOST_STATEMENTS, count_statements
from fixtures.warehouse import Warehouse

# All loads together: statements that are new to a warehouse that just woke.
MOST_FORMS = 43


@pytest.fixture
def counted(empty_warehouse: Warehouse) -> Mapping[str, list[str]]:
    return count_statements(empty_warehouse.connect, empty_warehouse.objects, empty_warehouse.copy_role)


def test_a_load_has_few_statements_of_few_forms(counted: Mapping[str, list[str]]) -> None:
    too_many = {name: len(forms) for name, forms in counted.items() if len(forms) > MOST_STATEMENTS[name]}

    assert too_many == {}
    assert MOST_STATEMENTS["the first file, of a new café"] <= 24
    assert len({form for forms in counted.values() for form in forms}) <= MOST_FORMS
    assert {forms[0] for forms in counted.values()} == {"begin transaction"}
    assert {forms[-1] for forms in counted.values()} == {"commit"}
