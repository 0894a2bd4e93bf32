"""Titles above a table, as cells that a file's separator leaves."""

import pytest

from extract.headers import is_title


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_row_with_another_separator_is_no_title(separator: str) -> None:
    assert not is_title([separator.join(["19/11/2026 10:55", "Leeds", "Latte - 1.30", "1.30", "Card"])])
    assert is_title([separator.join(["TillPro", "sales", "Leeds", "19/11/2026"])])
