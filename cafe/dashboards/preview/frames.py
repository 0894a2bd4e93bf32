"""Shape the warehouse's answer as grafana-redshift-datasource 2.5.0 delivers it to a panel. Pure.

The plugin chooses a column's type by the name of its Redshift type. It delivers a DATE as text, which a time axis
cannot use.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from cafe.dashboards import BoardError
from cafe.dashboards.boards import Format
from cafe.warehouse.port import Column, QueryResult, Value


class FieldType(StrEnum):
    """The type that Grafana gives a column."""

    TIME = "time"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"


type FieldValue = float | str | bool | datetime | None

FIELD_TYPES = {
    "int2": FieldType.NUMBER,
    "int4": FieldType.NUMBER,
    "int8": FieldType.NUMBER,
    "numeric": FieldType.NUMBER,
    "float4": FieldType.NUMBER,
    "float8": FieldType.NUMBER,
    "bool": FieldType.BOOLEAN,
    "bpchar": FieldType.STRING,
    "text": FieldType.STRING,
    "varchar": FieldType.STRING,
    "date": FieldType.STRING,
    "timestamp": FieldType.TIME,
    "timestamptz": FieldType.TIME,
}
# A column named "time" with one of these types is read as seconds since 1970. With type numeric it cannot be read.
EPOCH_TYPES = frozenset(("int4", "float8"))
# A browser's numbers are doubles: beyond this, they are no longer every whole number (Number.MAX_SAFE_INTEGER).
MOST_EXACT = 2**53 - 1


class UnreadableAnswer(BoardError):
    """The plugin could not turn this answer into a frame."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a frame. Times are UTC and numbers are int or float; labels distinguish series of the same name.

    ``display_name`` is the name that the data source gives the column, if it gives one.
    """

    name: str
    type: FieldType
    values: tuple[FieldValue, ...]
    labels: dict[str, str] = field(default_factory=dict)
    display_name: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the field in the JSON of Grafana's data frames, with times in milliseconds."""
        values = [int(value.timestamp() * 1000) if isinstance(value, datetime) else value for value in self.values]
        config = {"displayNameFromDS": self.display_name} if self.display_name else {}
        return {
            "name": self.name,
            "type": self.type.value,
            "values": values,
            "labels": self.labels,
            "config": config,
        }


@dataclass(frozen=True, slots=True)
class Frame:
    """The answer to one target of a panel. A time series without rows has no fields."""

    ref_id: str
    fields: tuple[Field, ...]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.fields[0].values) if self.fields else 0

    def field(self, name: str) -> Field:
        """Find a field by its name."""
        return next(field for field in self.fields if field.name == name)

    def as_json(self) -> dict[str, object]:
        """Return the frame in the JSON of Grafana's data frames."""
        return {"refId": self.ref_id, "fields": [field.as_json() for field in self.fields]}


def frame_of(result: QueryResult, form: Format, ref_id: str = "A") -> Frame:
    """Return the answer's columns Grafana's types, and turn a long time series into a wide one.

    Raises UnreadableAnswer for two columns of one name, for a type that the plugin cannot read, for a number that a
    browser would round, and for a time series that is not sorted by time.
    """
    names = [column.name for column in result.columns]
    if len(set(names)) < len(names):
        raise UnreadableAnswer(f"Two columns have the same name: {', '.join(names)}.")
    fields = tuple(_field(column, [row[place] for row in result.rows]) for place, column in enumerate(result.columns))
    if form is Format.TABLE:
        return Frame(ref_id, fields)
    return Frame(ref_id, _time_series(fields) if result.rows else ())


def _field(column: Column, values: Sequence[Value]) -> Field:
    if column.type not in FIELD_TYPES:
        raise UnreadableAnswer(f"The plugin cannot read type {column.type} of column {column.name}.")
    kind = FIELD_TYPES[column.type]
    if column.name == "time" and column.type == "numeric":
        raise UnreadableAnswer('The plugin cannot read a decimal named "time".', "Cast it to float, or rename it.")
    if any(isinstance(value, int) and abs(value) > MOST_EXACT for value in values):
        raise UnreadableAnswer(f"A browser would round the numbers in {column.name}.", "Cast the column to varchar.")
    if column.name == "time" and column.type in EPOCH_TYPES:
        return Field(column.name, FieldType.TIME, tuple(_from_epoch(value) for value in values))
    return Field(column.name, kind, tuple(_plugin_value(value) for value in values))


def _from_epoch(value: Value) -> FieldValue:
    return None if value is None else datetime.fromtimestamp(int(str(value).partition(".")[0]), UTC)


def _plugin_value(value: Value) -> FieldValue:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return f"{value.isoformat()}T00:00:00Z"
    return float(value) if isinstance(value, Decimal) else value


def _time_series(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Make a wide time series of the fields; leave fields without a time or a number unchanged."""
    time = next((field for field in fields if field.type is FieldType.TIME), None)
    factors = [field for field in fields if field.type in (FieldType.STRING, FieldType.BOOLEAN)]
    numbers = [field for field in fields if field is not time and field not in factors]
    if time is None or not numbers:
        return fields
    if None in time.values:
        raise UnreadableAnswer("A time series has a row without a time.")
    if any(later < earlier for earlier, later in pairwise(_moments(time))):
        raise UnreadableAnswer("A time series is not sorted by time.", "End the query with order by 1.")
    return _widen(time, factors, numbers) if factors else fields


def _moments(time: Field) -> list[datetime]:
    return [value for value in time.values if isinstance(value, datetime)]


def _widen(time: Field, factors: Sequence[Field], numbers: Sequence[Field]) -> tuple[Field, ...]:
    """Make one field for each number and combination of texts. A moment without a row gets null."""
    moments = list(dict.fromkeys(_moments(time)))
    place_of = {moment: place for place, moment in enumerate(moments)}
    keys = [tuple(_label(factor.values[row]) for factor in factors) for row in range(len(time.values))]
    wide = [Field(time.name, FieldType.TIME, tuple(moments))]
    for number in sorted(numbers, key=lambda field: field.name):
        for key in sorted(set(keys)):
            values: list[FieldValue] = [None] * len(moments)
            for moment, row_key, value in zip(_moments(time), keys, number.values, strict=True):
                if row_key == key:
                    values[place_of[moment]] = value
            labels = {factor.name: text for factor, text in zip(factors, key, strict=True)}
            wide.append(Field(number.name, number.type, tuple(values), labels))
    return tuple(wide)


def _label(value: FieldValue) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
