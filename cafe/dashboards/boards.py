"""Read the committed boards from their JSON. Knows Grafana's names; makes no calls."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

FOLDER = Path("grafana/dashboards")
ALL = "$__all"


class Format(IntEnum):
    """The shape in which a target wants its answer; the JSON holds the number."""

    TIME_SERIES = 0
    TABLE = 1


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a panel in the grid of 24 columns."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class WarehouseTarget:
    """A query on the warehouse, with macros and variables still in it."""

    ref_id: str
    sql: str
    format: Format
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class MetricTarget:
    """A CloudWatch metric, or with ``expression`` a calculation on other targets, which it names by ``id``.

    A dimension's values may be variables; ``*`` means every value that CloudWatch knows.
    """

    ref_id: str
    id: str
    namespace: str
    metric_name: str
    statistic: str
    dimensions: Mapping[str, tuple[str, ...]]
    period: str
    expression: str
    label: str
    hidden: bool = False


type Target = WarehouseTarget | MetricTarget


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of a CloudWatch metric, whose values are the choices of a variable."""

    namespace: str
    metric_name: str
    key: str


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The CloudWatch namespaces that a data source knows, as the choices of a variable."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a board. ``query`` gives its choices: a statement, a dimension, or the data source's namespaces.

    Choices whose value ``pattern`` does not match are dropped. ``default`` is the choice in the committed board: a
    text, or `ALL`. ``all_value`` is what queries get for All; with "" they get every value. With ``takes_any_text``
    people may also type a value.
    """

    name: str
    label: str
    query: str | Dimension | Namespaces
    pattern: str
    multiple: bool
    include_all: bool
    all_value: str
    takes_any_text: bool
    hidden: bool
    default: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel. ``json`` is its whole JSON, as Grafana reads it."""

    id: int
    type: str
    title: str
    description: str
    place: Place
    datasource: str
    targets: tuple[Target, ...]
    json: Mapping[str, Any]

    @property
    def is_row(self) -> bool:
        """Whether this is a heading, not a panel."""
        return self.type == "row"

    @property
    def unit(self) -> str:
        """The unit of the panel's values, unless a field sets its own."""
        unit = self.json.get("fieldConfig", {}).get("defaults", {}).get("unit", "")
        return str(unit)


@dataclass(frozen=True, slots=True)
class Board:
    """A board. ``json`` is its whole JSON, as Grafana reads it."""

    uid: str
    title: str
    description: str
    start: str
    end: str
    variables: tuple[Variable, ...]
    panels: tuple[Panel, ...]
    json: Mapping[str, Any]

    def panel(self, title: str) -> Panel:
        """Find a panel by its title."""
        return next(panel for panel in self.panels if panel.title == title)


def read_boards(folder: Path = FOLDER) -> list[Board]:
    """Read all boards of a folder, sorted by file name."""
    return [read_board(path) for path in sorted(folder.glob("*.json"))]


def read_board(path: Path) -> Board:
    """Read one board."""
    return board_of(json.loads(path.read_text(encoding="utf-8")))


def board_of(board: Mapping[str, Any]) -> Board:
    """Read a board's JSON."""
    return Board(
        uid=board["uid"],
        title=board["title"],
        description=board.get("description", ""),
        start=board["time"]["from"],
        end=board["time"]["to"],
        variables=tuple(_variable(entry) for entry in board.get("templating", {}).get("list", ())),
        panels=tuple(_panel(entry) for entry in board["panels"]),
        json=board,
    )


def _panel(panel: Mapping[str, Any]) -> Panel:
    grid = panel["gridPos"]
    return Panel(
        id=panel["id"],
        type=panel["type"],
        title=panel.get("title", ""),
        description=panel.get("description", ""),
        place=Place(grid["x"], grid["y"], grid["w"], grid["h"]),
        datasource=(panel.get("datasource") or {}).get("uid", ""),
        targets=tuple(_target(entry) for entry in panel.get("targets", ())),
        json=panel,
    )


def _target(target: Mapping[str, Any]) -> Target:
    hidden = bool(target.get("hide", False))
    if "rawSQL" in target:
        return WarehouseTarget(target["refId"], target["rawSQL"], Format(target["format"]), hidden)
    return MetricTarget(
        ref_id=target["refId"],
        id=target.get("id", ""),
        namespace=target.get("namespace", ""),
        metric_name=target.get("metricName", ""),
        statistic=target.get("statistic", ""),
        dimensions={key: _texts(value) for key, value in target.get("dimensions", {}).items()},
        period=target.get("period", ""),
        expression=target.get("expression", ""),
        label=target.get("label", ""),
        hidden=hidden,
    )


def _variable(variable: Mapping[str, Any]) -> Variable:
    return Variable(
        name=variable["name"],
        label=variable.get("label", ""),
        query=_query(variable["query"]),
        # Grafana writes a pattern between slashes.
        pattern=variable.get("regex", "").removeprefix("/").removesuffix("/"),
        multiple=bool(variable.get("multi", False)),
        include_all=bool(variable.get("includeAll", False)),
        all_value=variable.get("allValue") or "",
        takes_any_text=bool(variable.get("allowCustomValue", True)),
        # 0 shows name and value, 1 the value alone, 2 nothing.
        hidden=variable.get("hide", 0) == 2,
        default=next(iter(_texts(variable.get("current", {}).get("value", ""))), ""),
    )


def _query(query: Mapping[str, Any]) -> str | Dimension | Namespaces:
    if "rawSQL" in query:
        return str(query["rawSQL"])
    if query.get("queryType") == "namespaces":
        return Namespaces()
    return Dimension(query["namespace"], query["metricName"], query["dimensionKey"])


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
