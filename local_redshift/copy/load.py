"""Carry out one COPY from S3: check and convert the objects' rows, and stream them into PostgreSQL's own COPY.

It runs inside the session that sent the COPY, so that the rows belong to that session's transaction. Memory is bounded
by what `open_in_order` holds and one block of rows.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import batched

from local_redshift.copy.csv_rows import CsvRows, UnpackedObject
from local_redshift.copy.field_values import FieldReader, TargetColumn, field_reader
from local_redshift.copy.load_errors import FieldError, LoadError, LoadFailed
from local_redshift.copy.plain_lines import PlainLines
from local_redshift.copy.s3_objects import ObjectReader, SourceObject, find_objects, open_in_order
from local_redshift.dialect.copy_statement import CopyFromS3
from local_redshift.dialect.quoting import quote_identifier, quote_literal
from local_redshift.errors import UNDEFINED_COLUMN, UNDEFINED_TABLE, RedshiftError
from local_redshift.wire.upstream import Upstream, UpstreamError

LINES_AT_ONCE = 500
VARIABLE_HEADER_BYTES = 4  # PostgreSQL's type modifiers include it

COLUMNS = """
select a.attname, t.typname, a.atttypmod, a.attnotnull
from pg_catalog.pg_attribute a
join pg_catalog.pg_type t on t.oid = a.atttypid
where a.attrelid = pg_catalog.to_regclass({table}) and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""


class S3Load:
    """One COPY, from the statement to the rows. `pause` is called between chunks and may end the load by raising."""

    def __init__(self, load: CopyFromS3, upstream: Upstream, reader: ObjectReader, pause: Callable[[], None]) -> None:
        self._load = load
        self._upstream = upstream
        self._reader = reader
        self._pause = pause
        self._rows = 0

    def run(self) -> int:
        """Load, and return the number of rows. Raises LoadFailed for a bad line, RedshiftError for any other reason."""
        columns = self._target_columns()
        readers = [field_reader(column, self._load.null) for column in columns]
        plain = PlainLines(columns, self._load.null)
        objects = find_objects(self._load, self._reader)
        names = ", ".join(quote_identifier(column.name) for column in columns)
        try:
            self._upstream.copy_in(
                f"COPY {self._load.table} ({names}) FROM STDIN", self._chunks(objects, plain, readers)
            )
        except UpstreamError as error:
            if error.sqlstate[:2] not in ("22", "23"):
                raise
            # A value that passed the checks here and that PostgreSQL refused; its message may repeat the value.
            raise LoadFailed(LoadError("", 0, "", 0, f"The row was refused (SQLSTATE {error.sqlstate})")) from None
        return self._rows

    def _target_columns(self) -> list[TargetColumn]:
        rows = self._upstream.query(COLUMNS.format(table=quote_literal(self._load.table))).rows
        if not rows:
            raise RedshiftError(UNDEFINED_TABLE, f"Cannot COPY into nonexistent table {self._load.table_name}")
        known = {str(row[0]): row for row in rows}
        for name in self._load.columns:
            if name not in known:
                message = f'column "{name}" of relation "{self._load.table_name}" does not exist'
                raise RedshiftError(UNDEFINED_COLUMN, message)
        return [_column(known[name]) for name in self._load.columns or known]

    def _chunks(
        self, objects: Sequence[SourceObject], plain: PlainLines, readers: Sequence[FieldReader]
    ) -> Iterator[bytes]:
        for source, stream in open_in_order(self._reader, self._load.role, objects):
            unpacked = UnpackedObject(stream, source.url)
            for block in unpacked.whole_lines():
                if (converted := plain.converted(block)) is None:
                    unpacked.give_back(block)
                    break
                self._rows += block.count(b"\n")
                yield converted
                self._pause()
            # The rest of the object, from the first block that needs more than that.
            for lines in batched(_lines(source, CsvRows(unpacked, len(readers)), readers), LINES_AT_ONCE, strict=False):
                self._rows += len(lines)
                yield "".join(lines).encode()
                self._pause()


def _lines(source: SourceObject, rows: CsvRows, readers: Sequence[FieldReader]) -> Iterator[str]:
    try:
        for row in rows:
            yield "\t".join([read(text) for read, text in zip(readers, row, strict=True)]) + "\n"
    except FieldError as error:
        failed = LoadError(source.url, rows.line_number, error.column, int(error.code), error.problem)
        raise LoadFailed(failed) from error


def _column(row: Sequence[str | None]) -> TargetColumn:
    name, type_name, modifier = str(row[0]), str(row[1]), int(str(row[2]))
    nullable = row[3] != "t"
    if modifier < 0:
        return TargetColumn(name, type_name, nullable)
    modifier -= VARIABLE_HEADER_BYTES
    if type_name == "numeric":
        return TargetColumn(name, type_name, nullable, precision=modifier >> 16, scale=modifier & 0xFFFF)
    return TargetColumn(name, type_name, nullable, length=modifier)
