"""Answers get the types and the shape that grafana-redshift-datasource 2.5.0 gives them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from cafe.dashboards.boards import Format
from cafe.dashboards.preview.frames import Field, FieldType, FieldValue, UnreadableAnswer, frame_of
from cafe.warehouse.port import Column, QueryResult, Value

MONDAY, TUESDAY = (datetime(2026, 11, day) for day in (23, 24))  # noqa: DTZ001  as the driver gives a timestamp


def utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def answer(columns: str, *rows: tuple[Value, ...]) -> QueryResult:
    """Columns as ``name:type``."""
    return QueryResult(tuple(Column(*column.split(":")) for column in columns.split()), list(rows))


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("a:int4", 3, (FieldType.NUMBER, 3)),
        ("a:int8", 3, (FieldType.NUMBER, 3)),
        ("a:numeric", Decimal("2.45"), (FieldType.NUMBER, 2.45)),
        ("a:float8", 0.5, (FieldType.NUMBER, 0.5)),
        ("a:bool", True, (FieldType.BOOLEAN, True)),
        ("a:varchar", "Leeds", (FieldType.STRING, "Leeds")),
        ("a:timestamp", MONDAY, (FieldType.TIME, utc(MONDAY))),
        (
            "a:timestamptz",
            MONDAY.replace(tzinfo=timezone(timedelta(hours=1))),
            (FieldType.TIME, utc(MONDAY) - timedelta(hours=1)),
        ),
        ("a:date", date(2026, 11, 23), (FieldType.STRING, "2026-11-23T00:00:00Z")),
        ("a:numeric", None, (FieldType.NUMBER, None)),
        ("time:float8", 1795392000.0, (FieldType.TIME, utc(MONDAY))),
        ("time:int4", 1795392000, (FieldType.TIME, utc(MONDAY))),
        ("time:int8", 1795392000, (FieldType.NUMBER, 1795392000)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_column_gets_the_type_that_the_plugin_gives_it(
    column: str, value: Value, field: tuple[FieldType, FieldValue]
) -> None:
    (arrived,) = frame_of(answer(column, (value,)), Format.TABLE).fields

    assert (arrived.type, arrived.values) == (field[0], (field[1],))


def test_a_number_that_a_browser_would_round_is_refused() -> None:
    with pytest.raises(UnreadableAnswer, match=r"round the numbers in branch_id\. Cast the column to varchar"):
        frame_of(answer("branch_id:int8", (2**53,)), Format.TABLE)

    assert frame_of(answer("branch_id:int8", (2**53 - 1,)), Format.TABLE).rows == 1


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [("a:super", "type super"), ("a:int4 a:int4", "same name"), ("time:numeric", 'named "time"')],
)
def test_an_answer_that_the_plugin_cannot_read_is_refused(columns: str, complaint: str) -> None:
    with pytest.raises(UnreadableAnswer, match=complaint):
        frame_of(answer(columns), Format.TABLE)


def test_a_long_time_series_becomes_wide_with_a_field_for_each_text_and_null_without_a_row() -> None:
    long = answer(
        "time:timestamp cafe:varchar revenue:numeric",
        (MONDAY, "York", Decimal(2)),
        (MONDAY, "Leeds", Decimal(1)),
        (TUESDAY, "Leeds", Decimal(3)),
    )

    frame = frame_of(long, Format.TIME_SERIES, "B")

    assert frame.ref_id == "B"
    assert frame.fields == (
        Field("time", FieldType.TIME, (utc(MONDAY), utc(TUESDAY))),
        Field("revenue", FieldType.NUMBER, (1.0, 3.0), {"cafe": "Leeds"}),
        Field("revenue", FieldType.NUMBER, (2.0, None), {"cafe": "York"}),
    )


def test_a_time_series_without_texts_is_unchanged() -> None:
    frame = frame_of(answer("time:timestamp a:int4 b:int4", (MONDAY, 1, 2), (TUESDAY, 3, 4)), Format.TIME_SERIES)

    assert [field.values for field in frame.fields[1:]] == [(1, 3), (2, 4)]


@pytest.mark.parametrize("columns", ["time:timestamp a:int4", "time:timestamp cafe:varchar a:int4"])
def test_a_time_series_that_runs_backwards_is_refused(columns: str) -> None:
    rows = [
        (moment, *("x" if "varchar" in column else 1 for column in columns.split()[1:])) for moment in (TUESDAY, MONDAY)
    ]

    with pytest.raises(UnreadableAnswer, match="not sorted by time"):
        frame_of(answer(columns, *rows), Format.TIME_SERIES)


def test_a_time_series_with_a_row_without_time_is_refused() -> None:
    with pytest.raises(UnreadableAnswer, match="without a time"):
        frame_of(answer("time:timestamp a:int4", (None, 1)), Format.TIME_SERIES)


def test_a_date_is_delivered_as_text() -> None:
    frame = frame_of(answer("time:date a:int4", (date(2026, 11, 23), 1)), Format.TIME_SERIES)

    assert frame.fields[0].type is FieldType.STRING


def test_without_rows_a_table_has_empty_columns_and_a_series_has_no_fields() -> None:
    empty = answer("time:timestamp a:int4")

    assert [field.values for field in frame_of(empty, Format.TABLE).fields] == [(), ()]
    assert frame_of(empty, Format.TIME_SERIES).fields == ()


def test_times_go_to_the_page_in_milliseconds() -> None:
    frame = frame_of(answer("at:timestamp", (MONDAY,)), Format.TABLE)

    assert frame.fields[0].as_json()["values"] == [1795392000000]
