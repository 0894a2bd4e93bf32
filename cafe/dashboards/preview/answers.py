"""Run the queries of a board in the warehouse, through the port `cafe.warehouse.port.Warehouse`."""

from cafe.dashboards.boards import Format, WarehouseTarget
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.frames import Frame, frame_of
from cafe.dashboards.preview.macros import expand
from cafe.dashboards.variables import Choice, Values, choices_of, interpolate_sql
from cafe.warehouse.port import Warehouse


def statement_of(target: WarehouseTarget, period: Period, values: Values) -> str:
    """Return the statement that reaches the warehouse. Variables are replaced first, as in Grafana, then macros."""
    return expand(interpolate_sql(target.sql, values), period)


def answer(target: WarehouseTarget, warehouse: Warehouse, period: Period, values: Values) -> Frame:
    """Run a target's query and shape the answer as the plugin does."""
    return frame_of(warehouse.query(statement_of(target, period, values)), target.format, target.ref_id)


def choices(sql: str, warehouse: Warehouse, period: Period, values: Values) -> list[Choice]:
    """Return the choices of a query variable, in the order of the answer."""
    frame = answer(WarehouseTarget("A", sql, Format.TABLE), warehouse, period, values)
    return choices_of([(field.name, field.type.value, field.values) for field in frame.fields])
