"""COPY … FROM 's3://…': the statement to a description of the load. Pure: it opens nothing.

An option is carried out, or refused by name; only the two that steer Redshift's physical layout and its planner
(COMPUPDATE, STATUPDATE) have nothing to do here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from local_redshift.errors import INVALID_PARAMETER, RedshiftError, not_in_endpoint, not_in_redshift
from local_redshift.token_cursor import TokenCursor
from local_redshift.tokens import Kind, Token

MAX_ALLOWED_ERRORS = 100_000


class Compression(Enum):
    """How the objects are packed; COPY does not guess it."""

    NONE = "none"
    GZIP = "GZIP"
    ZSTD = "ZSTD"
    BZIP2 = "BZIP2"


@dataclass(frozen=True, slots=True)
class CsvShape:
    """How a line of the file is cut into fields."""

    delimiter: str = ","
    quote: str = '"'
    header_lines: int = 0
    skip_blank_lines: bool = False
    invalid_character: str | None = None
    fill_missing: bool = False


@dataclass(frozen=True, slots=True)
class FieldRules:
    """What a field's text means. `time_format` and `date_format` are Redshift's, or "auto"."""

    null_string: str = "\\N"
    empty_as_null: bool = False
    blanks_as_null: bool = False
    trim_blanks: bool = False
    truncate: bool = False
    round_decimals: bool = False
    time_format: str = ""
    date_format: str = ""


@dataclass(frozen=True, slots=True)
class CopyFromS3:
    """One load: which objects, read under which role, into which columns (empty: all of the table's, in order)."""

    table: str
    table_name: str
    columns: tuple[str, ...]
    bucket: str
    key: str
    role: str
    region: str = ""
    manifest: bool = False
    compression: Compression = Compression.NONE
    shape: CsvShape = CsvShape()
    rules: FieldRules = FieldRules()
    max_errors: int = 0
    check_only: bool = False


# Words of Redshift's COPY that this endpoint does not imitate.
NOT_IMITATED = frozenset(
    """ACCEPTANYDATE ACCESS_KEY_ID AVRO COMPROWS CREDENTIALS ENCRYPTED ESCAPE EXPLICIT_IDS FIXEDWIDTH JSON LZOP
    MASTER_SYMMETRIC_KEY ORC PARQUET READRATIO REMOVEQUOTES SECRET_ACCESS_KEY SESSION_TOKEN SHAPEFILE SSH""".split()
)


def parse_copy(tokens: Sequence[Token], *, case_sensitive: bool = False) -> CopyFromS3:
    """Read a COPY statement. Raises RedshiftError for another source than S3 and for every option not carried out."""
    return _CopyParser(tokens, case_sensitive=case_sensitive).parse()


class _CopyParser:
    def __init__(self, tokens: Sequence[Token], *, case_sensitive: bool) -> None:
        self.cursor = TokenCursor(tokens, case_sensitive=case_sensitive)
        self.seen: set[str] = set()
        self.is_csv = False
        self.options: dict[str, Callable[[CopyFromS3], CopyFromS3]] = {
            "IAM_ROLE": self.role,
            "REGION": lambda load: replace(load, region=self.text()),
            "FORMAT": self.format,
            "CSV": self.csv,
            "DELIMITER": lambda load: self.shape(load, delimiter=self.character("DELIMITER")),
            "QUOTE": self.quote,
            "IGNOREHEADER": lambda load: self.shape(load, header_lines=self.number()),
            "IGNOREBLANKLINES": lambda load: self.shape(load, skip_blank_lines=True),
            "FILLRECORD": lambda load: self.shape(load, fill_missing=True),
            "ACCEPTINVCHARS": self.accept_invalid_characters,
            "ENCODING": self.encoding,
            "NULL": self.null_string,
            "EMPTYASNULL": lambda load: self.rules(load, empty_as_null=True),
            "BLANKSASNULL": lambda load: self.rules(load, blanks_as_null=True),
            "TRIMBLANKS": lambda load: self.rules(load, trim_blanks=True),
            "TRUNCATECOLUMNS": lambda load: self.rules(load, truncate=True),
            "ROUNDEC": lambda load: self.rules(load, round_decimals=True),
            "TIMEFORMAT": lambda load: self.rules(load, time_format=self.text()),
            "DATEFORMAT": lambda load: self.rules(load, date_format=self.text()),
            "MANIFEST": lambda load: replace(load, manifest=True),
            "GZIP": lambda load: self.compression(load, Compression.GZIP),
            "ZSTD": lambda load: self.compression(load, Compression.ZSTD),
            "BZIP2": lambda load: self.compression(load, Compression.BZIP2),
            "MAXERROR": self.max_errors,
            "NOLOAD": lambda load: replace(load, check_only=True),
            "COMPUPDATE": lambda load: self.switch(load, "PRESET"),
            "STATUPDATE": self.switch,
        }

    def parse(self) -> CopyFromS3:
        cursor = self.cursor
        cursor.expect("COPY")
        table = cursor.qualified_name()
        columns = tuple(cursor.name_list()) if cursor.peek() == "(" else ()
        if cursor.accept("TO"):
            raise not_in_redshift("COPY … TO", hint="Redshift unloads with UNLOAD.")
        cursor.expect("FROM")
        if cursor.peek() in ("STDIN", "PROGRAM"):
            raise not_in_redshift(f"COPY … FROM {cursor.peek()}")
        bucket, key = split_url(cursor.string())
        name = table.rsplit(".", 1)[-1].strip('"')
        load = CopyFromS3(table, name, columns, bucket, key, role="")
        while not cursor.at_end:
            load = self.option(load)
        if not load.role:
            raise RedshiftError(INVALID_PARAMETER, "CREDENTIALS argument is required but not provided")
        if not self.is_csv:
            raise not_in_endpoint("COPY of another format than CSV")
        if load.shape.delimiter == load.shape.quote:
            raise RedshiftError(INVALID_PARAMETER, "DELIMITER and QUOTE must not be the same character")
        return load

    def option(self, load: CopyFromS3) -> CopyFromS3:
        word = self.cursor.peek()
        if word in NOT_IMITATED:
            raise not_in_endpoint(f"COPY's option {word}")
        if word not in self.options:
            raise self.cursor.unexpected()
        if word in self.seen:
            raise RedshiftError("42601", f"conflicting or redundant options: {word}")
        self.seen.add(word)
        self.cursor.next()
        return self.options[word](load)

    def shape(self, load: CopyFromS3, **changes: object) -> CopyFromS3:
        return replace(load, shape=replace(load.shape, **changes))  # type: ignore[arg-type]

    def rules(self, load: CopyFromS3, **changes: object) -> CopyFromS3:
        return replace(load, rules=replace(load.rules, **changes))  # type: ignore[arg-type]

    def text(self) -> str:
        self.cursor.accept("AS")
        return self.cursor.string()

    def number(self) -> int:
        self.cursor.accept("AS")
        return self.cursor.integer()

    def character(self, option: str) -> str:
        text = self.text()
        if len(text) != 1 or not text.isascii() or text in "\r\n":
            raise RedshiftError(INVALID_PARAMETER, f"COPY's {option} must be a single ASCII character")
        return text

    def role(self, load: CopyFromS3) -> CopyFromS3:
        if self.cursor.peek() == "DEFAULT":
            raise not_in_endpoint("COPY with IAM_ROLE default", hint="Name the role's ARN.")
        role = self.cursor.string()
        if "," in role:
            raise not_in_endpoint("COPY with chained roles")
        if not (role.startswith("arn:aws") and ":role/" in role):
            raise RedshiftError(INVALID_PARAMETER, "Invalid value for IAM_ROLE: the ARN of a role is expected")
        return replace(load, role=role)

    def format(self, load: CopyFromS3) -> CopyFromS3:
        self.cursor.accept("AS")
        word = self.cursor.peek()
        if word in NOT_IMITATED:
            raise not_in_endpoint(f"COPY's format {word}")
        self.cursor.expect("CSV")
        self.seen.add("CSV")
        return self.csv(load)

    def csv(self, load: CopyFromS3) -> CopyFromS3:
        self.is_csv = True
        return load

    def quote(self, load: CopyFromS3) -> CopyFromS3:
        if not self.is_csv:
            raise RedshiftError(INVALID_PARAMETER, "COPY's QUOTE follows CSV")
        return self.shape(load, quote=self.character("QUOTE"))

    def null_string(self, load: CopyFromS3) -> CopyFromS3:
        text = self.text()
        if any(character in text for character in "\r\n\0"):
            raise not_in_endpoint("COPY with a NULL string that holds a line end or a zero byte")
        # '\N' reaches us as N, or, written '\\N', with its backslash: Redshift takes both as its default.
        return self.rules(load, null_string="\\N" if text == "N" and self.wrote_backslash() else text)

    def wrote_backslash(self) -> bool:
        return "\\" in self.cursor.previous().text

    def accept_invalid_characters(self, load: CopyFromS3) -> CopyFromS3:
        follows = self.cursor.accept("AS") or self.cursor.peek_kind() is Kind.STRING
        return self.shape(load, invalid_character=self.character("ACCEPTINVCHARS") if follows else "?")

    def encoding(self, load: CopyFromS3) -> CopyFromS3:
        self.cursor.accept("AS")
        if not self.cursor.accept_any("UTF8", "'utf8'", "'UTF8'"):
            raise not_in_endpoint("COPY of another encoding than UTF8")
        return load

    def compression(self, load: CopyFromS3, compression: Compression) -> CopyFromS3:
        if load.compression is not Compression.NONE:
            raise RedshiftError("42601", f"conflicting or redundant options: {compression.value}")
        return replace(load, compression=compression)

    def max_errors(self, load: CopyFromS3) -> CopyFromS3:
        count = self.number()
        if count > MAX_ALLOWED_ERRORS:
            raise RedshiftError(INVALID_PARAMETER, f"MAXERROR must be between 0 and {MAX_ALLOWED_ERRORS}")
        return replace(load, max_errors=count)

    def switch(self, load: CopyFromS3, *others: str) -> CopyFromS3:
        self.cursor.accept_any("ON", "OFF", "TRUE", "FALSE", *others)
        return load


def split_url(url: str) -> tuple[str, str]:
    """Cut s3://bucket/key into bucket and key. Raises RedshiftError for any other address, without repeating it."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise not_in_endpoint("a COPY source other than s3://bucket/key")
    return bucket, key
