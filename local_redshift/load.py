"""Carry out one COPY from S3: the objects' rows, checked and converted, streamed into PostgreSQL's own COPY.

It runs inside the session that asked for it, so that the rows belong to that session's transaction. Memory is bounded
by what `open_in_order` holds, one chunk of rows, and the load errors that MAXERROR allows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from local_redshift.copy_statement import CopyFromS3
from local_redshift.csv_rows import CsvRows
from local_redshift.errors import INTERNAL_ERROR, UNDEFINED_COLUMN, UNDEFINED_TABLE, RedshiftError
from local_redshift.field_values import FieldReader, TargetColumn, field_reader
from local_redshift.load_errors import FieldError, LoadError, TooManyErrors
from local_redshift.quoting import quote_identifier, quote_literal
from local_redshift.s3_source import ObjectReader, S3Access, SourceObject, find_objects, open_in_order
from local_redshift.upstream import Upstream, UpstreamError

CHUNK_CHARACTERS = 64 * 1024
VARIABLE_HEADER_BYTES = 4  # PostgreSQL's type modifiers count it in
UNLIMITED_DECIMAL = (76, 38)  # a column made by a query, without a precision of its own

COLUMNS = """
select a.attname, t.typname, a.atttypmod, a.attnotnull, a.attidentity
from pg_catalog.pg_attribute a
join pg_catalog.pg_type t on t.oid = a.atttypid
where a.attrelid = pg_catalog.to_regclass({table}) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""


@dataclass(slots=True)
class LoadOutcome:
    """What a finished load did."""

    rows: int = 0
    errors: list[LoadError] = field(default_factory=list)


class S3Load:
    """One COPY, from the statement to the rows. `pause` is called between chunks and may end the load by raising."""

    def __init__(self, load: CopyFromS3, upstream: Upstream, reader: ObjectReader, pause: Callable[[], None]) -> None:
        self._load = load
        self._upstream = upstream
        self._reader = reader
        self._pause = pause
        self._outcome = LoadOutcome()

    def run(self) -> LoadOutcome:
        """Load, or with NOLOAD only check. Raises TooManyErrors, or RedshiftError when nothing can be loaded at all."""
        load = self._load
        columns = self._target_columns()
        readers = [field_reader(column, load.rules, load.shape.invalid_character) for column in columns]
        objects = find_objects(load, self._reader)
        chunks = self._chunks(objects, readers)
        if load.check_only:
            for _ in chunks:
                pass
            return self._outcome
        names = ", ".join(quote_identifier(column.name) for column in columns)
        try:
            self._upstream.copy_in(f"COPY {load.table} ({names}) FROM STDIN", chunks)
        except UpstreamError as error:
            if error.sqlstate[:2] not in ("22", "23"):
                raise
            # A value that our rules let through and PostgreSQL did not take; its message may repeat the value.
            raise TooManyErrors([LoadError("", 0, "", 0, f"The row was refused (SQLSTATE {error.sqlstate})")]) from None
        return self._outcome

    def _target_columns(self) -> list[TargetColumn]:
        rows = self._upstream.query(COLUMNS.format(table=quote_literal(self._load.table))).rows
        if not rows:
            raise RedshiftError(UNDEFINED_TABLE, f"Cannot COPY into nonexistent table {self._load.table_name}")
        known = {str(row[0]): row for row in rows}
        names = self._load.columns or [name for name, row in known.items() if not row[4]]
        for name in names:
            if name not in known:
                message = f'column "{name}" of relation "{self._load.table_name}" does not exist'
                raise RedshiftError(UNDEFINED_COLUMN, message)
            if known[name][4]:
                raise RedshiftError(INTERNAL_ERROR, f"cannot set an identity column to a value: {name}")
        return [_column(known[name]) for name in names]

    def _chunks(self, objects: Sequence[SourceObject], readers: Sequence[FieldReader]) -> Iterator[bytes]:
        access = S3Access(self._load.role, self._load.region)
        lines: list[str] = []
        size = 0
        for source, stream in open_in_order(self._reader, access, objects):
            for line in self._lines(
                source, CsvRows(stream, self._load.shape, self._load.compression, len(readers)), readers
            ):
                lines.append(line)
                size += len(line)
                if size >= CHUNK_CHARACTERS:
                    self._outcome.rows += len(lines)
                    yield "".join(lines).encode()
                    lines, size = [], 0
                    self._pause()
        self._outcome.rows += len(lines)
        if lines:
            yield "".join(lines).encode()

    def _lines(self, source: SourceObject, rows: CsvRows, readers: Sequence[FieldReader]) -> Iterator[str]:
        while True:
            try:
                for row in rows:
                    yield "\t".join([read(text) for read, text in zip(readers, row, strict=True)]) + "\n"
            except FieldError as error:
                self._note(source, rows.line_number, error)
            except RedshiftError as error:
                raise RedshiftError(error.sqlstate, error.message, detail=error.detail or source.url) from error
            else:
                return

    def _note(self, source: SourceObject, line_number: int, error: FieldError) -> None:
        errors = self._outcome.errors
        errors.append(LoadError(source.url, line_number, error.column, int(error.code), error.problem))
        if len(errors) > self._load.max_errors:
            raise TooManyErrors(errors)


def _column(row: Sequence[str | None]) -> TargetColumn:
    name, type_name, modifier = str(row[0]), str(row[1]), int(str(row[2]))
    nullable = row[3] != "t"
    if modifier < 0:
        precision, scale = UNLIMITED_DECIMAL
        return TargetColumn(name, type_name, nullable, precision=precision, scale=scale)
    modifier -= VARIABLE_HEADER_BYTES
    if type_name == "numeric":
        return TargetColumn(name, type_name, nullable, precision=modifier >> 16, scale=modifier & 0xFFFF)
    return TargetColumn(name, type_name, nullable, length=modifier)
