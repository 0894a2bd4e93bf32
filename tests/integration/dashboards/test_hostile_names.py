"""Cafés whose names are written to change a statement: each board answers for exactly the café that was chosen.

Such names come in a branch file. Every café here but one has the same sales, so an answer for a hostile name must
equal the answer for an ordinary one. The large café has other sales, which a statement that reads too much would show.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cafe.dashboards.boards import WarehouseTarget, read_boards
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.answers import answer, choices
from cafe.dashboards.preview.frames import Frame
from cafe.dashboards.variables import ANY_USE, Choice
from cafe.warehouse.mart_reader import temporary_reader
from cafe.warehouse.port import Warehouse
from fixtures.trading import SessionWarehouse
from fixtures.warehouse import MemoryObjects, new_warehouse
from grafana.layout import ALL_CAFES
from integration.load.conftest import Loader
from load.schema import migrate
from load.stage import create_stage_tables
from load.warehouse import RedshiftSession
from local_redshift.server import RedshiftEndpoint

ORDINARY, LARGE = "Leeds", "Large café"
HOSTILE = (
    "A\\",
    "x\\') or 1=1 --",
    "$__timeFilter(x)",
    "${cafe}",
    "'; drop",
    "0) or (1=1",
    "[[cafe]]",
    "B\\\\'",
    "%s :x ?",
)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BOARDS = read_boards()
TARGETS = [
    pytest.param(target, id=f"{board.uid}: {panel.title}")
    for board in BOARDS
    for panel in board.panels
    for target in panel.targets
    if isinstance(target, WarehouseTarget) and "cafe" in "".join(ANY_USE.findall(target.sql))
]


def branch_file(cafe: str) -> bytes:
    """Two Fridays of a café. The large café sells most lattes, so its price is the usual one."""
    basket, total, orders = "Large Latte - 2.60, Regular Mocha - 2.30", "4.90", 1
    if cafe == LARGE:
        basket, total, orders = f"{'Large Latte - 2.45, ' * 5}Regular Mocha - 2.30", "14.55", 3
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        (f"{day}/11/2026 {9 + order:02}:00", cafe, "Ada Tester", basket, total, "CASH", "")
        for day in (13, 20)
        for order in range(orders)
    )
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def asked(redshift_endpoint: RedshiftEndpoint, warehouse_objects: MemoryObjects) -> Iterator[Warehouse]:
    """A warehouse with these cafés, loaded from branch files, and asked with the role mart_reader."""
    with new_warehouse(redshift_endpoint, warehouse_objects) as warehouse:
        session = RedshiftSession(warehouse.connect())
        migrate(session)
        create_stage_tables(session)
        loader = Loader(warehouse, session)
        parts = [
            part
            for number, cafe in enumerate((ORDINARY, LARGE, *HOSTILE))
            for part in loader.stage(branch_file(cafe), key=f"2026/11/20/{number}.csv")
        ]
        loader.load(parts)
        with temporary_reader(lambda: SessionWarehouse(warehouse)) as reader:
            yield SessionWarehouse(warehouse, reader.username, reader.password)


@pytest.fixture(scope="module")
def known(asked: Warehouse) -> dict[str, Choice]:
    """The choices of the boards' variable, by name, as the preview finds them."""
    (query,) = {str(variable.query) for board in BOARDS for variable in board.variables if variable.name == "cafe"}
    return {choice.text: choice for choice in choices(query, asked, period(), {})}


def period() -> Period:
    return Period.before(NOW, "now-30d")


def without_name(frame: Frame, choice: Choice) -> list[Any]:
    """The frame's JSON, with the café's name and id replaced."""
    anonymous = {choice.text: "the café", choice.value: "its id"}
    return [
        (field.name, field.type, [anonymous.get(str(value), value) for value in field.values], [*field.labels])
        for field in frame.fields
    ]


def test_every_name_is_a_choice_whose_value_is_a_number(known: dict[str, Choice]) -> None:
    assert set(known) == {ORDINARY, LARGE, *HOSTILE}
    assert all(choice.value.isdecimal() for choice in known.values())


@pytest.mark.parametrize("target", TARGETS)
def test_a_hostile_name_gets_the_rows_of_its_own_cafe_and_no_others(
    target: WarehouseTarget, asked: Warehouse, known: dict[str, Choice]
) -> None:
    def ask(value: str) -> Frame:
        return answer(target, asked, period(), {"cafe": [value]})

    ordinary = ask(known[ORDINARY].value)

    for name in HOSTILE:
        assert without_name(ask(known[name].value), known[name]) == without_name(ordinary, known[ORDINARY]), name
    assert ordinary.rows > 0
    everything = ask(ALL_CAFES)
    assert without_name(everything, known[ORDINARY]) != without_name(ordinary, known[ORDINARY])


def test_every_name_is_shown_unchanged(asked: Warehouse) -> None:
    frame = all_cafes("Cafés from best to worst", asked)

    assert set(frame.field("cafe").values) == {ORDINARY, LARGE, *HOSTILE}


def test_the_chart_names_the_five_largest_cafes_and_adds_up_the_others(asked: Warehouse) -> None:
    frame = all_cafes("Revenue by day and café", asked)

    series = {field.labels["cafe"]: sum(float(str(value)) for value in field.values) for field in frame.fields[1:]}
    assert len(series) == 6
    # Two days with three orders of £14.55, and for each of the ten others two days with one order of £4.90.
    assert series.pop(LARGE) == pytest.approx(2 * 3 * 14.55)
    assert series.pop("The other 6 cafés") == pytest.approx(6 * 2 * 4.90)
    assert set(series) <= {ORDINARY, *HOSTILE}
    assert list(series.values()) == pytest.approx([2 * 4.90] * 4)


def all_cafes(title: str, asked: Warehouse) -> Frame:
    """Ask a panel of the overview for all cafés."""
    (overview,) = (board for board in BOARDS if board.uid == "cafe-overview")
    (target,) = overview.panel(title).targets
    assert isinstance(target, WarehouseTarget)
    return answer(target, asked, period(), {"cafe": [ALL_CAFES]})
