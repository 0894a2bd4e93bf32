"""Lay out panels on a board: headings, lines of panels that fill the width, and panel numbers."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    VariableOption,
    VariableRefresh,
)

from grafana.queries import statement
from grafana.redshift import WAREHOUSE, Format

TAG = "cafes"
COLUMNS = 24
# What queries get for All: no café has this id, and each query compares it with itself.
ALL_CAFES = "0"
# Grafana drops a choice whose value does not match. No group: Grafana would use what it captures.
NUMBERS_ONLY = "/^-?[0-9]{1,19}$/"
type Panel = bargauge.Panel | stat.Panel | table.Panel | timeseries.Panel
type Line = tuple[int, Sequence[tuple[Panel, int]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the lines below it. A line is a height, and panels with their widths."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Board:
    """A board before its layout. Panels are numbered in their order."""

    uid: str
    title: str
    description: str
    since: str
    sections: Sequence[Section]
    variables: Sequence[dashboards.QueryVariable] = field(default=())


def lay_out(board: Board) -> Dashboard:
    """Place and number every panel. Raises ValueError for a line that is wider than the grid."""
    built = (
        dashboards.Dashboard(board.title)
        .uid(board.uid)
        .description(board.description)
        .tags([TAG])
        .timezone("utc")
        .week_start("monday")
        .time(board.since, "now")
        .refresh("")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .links([_link_to_boards()])
        .variables(list(board.variables))
    )
    numbers, y = itertools.count(1), 0
    for section in board.sections:
        built.with_row(dashboards.Row(section.title).id(next(numbers)).grid_pos(GridPos(h=1, w=COLUMNS, x=0, y=y)))
        y += 1
        for height, panels in section.lines:
            x = 0
            for panel, width in panels:
                built.with_panel(panel.id(next(numbers)).grid_pos(GridPos(h=height, w=width, x=x, y=y)))
                x += width
            if x > COLUMNS:
                raise ValueError(f"a line of {section.title!r} is {x} columns wide")
            y += height
    return built.build()


def cafe_variable(*, several: bool) -> dashboards.QueryVariable:
    """Make the variable in which the reader chooses a café, or several; with several, all are chosen at first.

    Its values are the cafés' ids, because a statement must not hold their names; its labels are the names.
    """
    variable = (
        dashboards.QueryVariable("cafe")
        .label("Café")
        .datasource(WAREHOUSE)
        .query({"rawSQL": statement("all_cafes"), "format": int(Format.TABLE)})
        .regex(NUMBERS_ONLY)
        .allow_custom_value(False)
        .multi(several)
        .include_all(several)
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
    )
    if several:
        variable.all_value(ALL_CAFES)
        variable.current(VariableOption(selected=True, text=["All"], value=["$__all"]))
    return variable


def _link_to_boards() -> dashboards.DashboardLink:
    return (
        dashboards.DashboardLink("Cafés")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .as_dropdown(False)
        .include_vars(False)
        .keep_time(True)
        .target_blank(False)
        .icon("external link")
        .tooltip("")
        .url("")
    )
