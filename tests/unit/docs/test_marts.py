"""docs/marts.md: exactly the marts of src/load/sql/marts, each with the question, grain and units of its file."""

import re
from importlib.resources import files

from load.statements import mart_names
from unit.docs.pages import page, table_rows

_HEAD = re.compile(r"(?P<question>.+?) Grain: (?P<grain>.+?) Units: (?P<units>.+)")


def stated(name: str) -> dict[str, str]:
    """Read the comment at the top of a mart's file."""
    text = files("load").joinpath("sql", "marts", f"{name}.sql").read_text(encoding="utf-8")
    head, _, _ = text.partition("create view")
    comment = " ".join(line.removeprefix("-- ") for line in head.splitlines())
    found = _HEAD.fullmatch(comment)
    assert found, f"{name} states no question, grain and units: {comment}"
    return {"mart": f"mart.{name}", **{key: value.replace("`", "") for key, value in found.groupdict().items()}}


def test_the_page_describes_every_mart_as_its_file_does() -> None:
    rows = table_rows(page("marts"))

    assert sorted(rows, key=lambda row: row["mart"]) == [stated(name) for name in sorted(mart_names())]
