"""Run the queries of a board in the warehouse, through the port `cafe.warehouse.port.Warehouse`."""

from cafe.dashboards.boards import Format, WarehouseTarget
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.frames import FieldType, Frame, frame_of
from cafe.dashboards.preview.macros import expand
from cafe.dashboards.variables import Values, interpolate_sql
from cafe.warehouse.port import Warehouse


def statement_of(target: WarehouseTarget, period: Period, values: Values) -> str:
    """Return the statement that reaches the warehouse. Variables are replaced first, as in Grafana, then macros."""
    return expand(interpolate_sql(target.sql, values), period)


def answer(target: WarehouseTarget, warehouse: Warehouse, period: Period, values: Values) -> Frame:
    """Run a target's query and shape the answer as the plugin does."""
    return frame_of(warehouse.query(statement_of(target, period, values)), target.format, target.ref_id)


def choices(sql: str, warehouse: Warehouse, period: Period, values: Values) -> list[str]:
    """Return the choices of a query variable: the first text column of the answer, in its order."""
    target = WarehouseTarget("A", sql, Format.TABLE)
    frame = answer(target, warehouse, period, values)
    texts = next((field for field in frame.fields if field.type is FieldType.STRING), None)
    return [str(value) for value in texts.values if value is not None] if texts else []
