"""Every code in the ledger has a remedy."""

import pytest

from cafe.answers.remedies import UNKNOWN, remedies, remedy_for


@pytest.mark.parametrize("code", sorted(remedies()))
def test_every_rule_says_what_to_do(code: str) -> None:
    assert remedy_for(code).endswith(".")


def test_a_rule_of_another_version_points_to_the_documentation() -> None:
    assert remedy_for("a_rule_of_tomorrow") == UNKNOWN
