"""Variables in queries and titles are replaced as in Grafana's browser code."""

import pytest

from cafe.dashboards.variables import VariableError, interpolate_sql, interpolate_text

CAFES = {"cafe": ["Leeds", "King's Lynn"]}


def test_names_are_quoted_and_their_quotes_doubled() -> None:
    assert interpolate_sql("cafe in (${cafe:sqlstring})", CAFES) == "cafe in ('Leeds','King''s Lynn')"


def test_macros_and_grafanas_own_variables_are_left_alone() -> None:
    assert interpolate_sql("$__timeFilter(day) ${__from}", CAFES) == "$__timeFilter(day) ${__from}"


@pytest.mark.parametrize("use", ["$cafe", "${cafe}", "${cafe:raw}", "${cafe:csv}"])
def test_a_form_that_does_not_quote_never_reaches_the_warehouse(use: str) -> None:
    with pytest.raises(VariableError, match="not quoted"):
        interpolate_sql(f"cafe = {use}", CAFES)


def test_a_variable_that_the_board_lacks_is_refused() -> None:
    with pytest.raises(VariableError, match="no variable shop"):
        interpolate_sql("${shop:sqlstring}", CAFES)


def test_a_title_names_what_was_chosen() -> None:
    assert interpolate_text("$cafe at a glance", {"cafe": ["Leeds"]}) == "Leeds at a glance"
    assert interpolate_text("${cafe}", CAFES) == "Leeds + King's Lynn"
