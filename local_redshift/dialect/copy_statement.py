"""Read COPY … FROM 's3://…' and describe the load. Pure: it opens nothing.

It carries the one kind of COPY that the project sends: a manifest of gzipped CSV files. Every other option is refused.
COMPUPDATE OFF and STATUPDATE OFF concern Redshift's storage and its planner: there is nothing to do here.
"""

from dataclasses import dataclass

from local_redshift.dialect.token_cursor import TokenCursor
from local_redshift.errors import INVALID_PARAMETER, RedshiftError, not_imitated, not_in_redshift

# Redshift's default as well, so that naming it changes nothing.
TIME_FORMAT = "YYYY-MM-DD HH:MI:SS"
DEFAULT_NULL = "\\N"
OPTIONS = frozenset(("CSV", "GZIP", "MANIFEST", "IAM_ROLE", "NULL", "TIMEFORMAT", "COMPUPDATE", "STATUPDATE"))
REQUIRED = ("CSV", "GZIP", "MANIFEST")
NOT_IMITATED = frozenset(
    """ACCEPTANYDATE ACCEPTINVCHARS ACCESS_KEY_ID AVRO BLANKSASNULL BZIP2 COMPROWS CREDENTIALS DATEFORMAT DELIMITER
    EMPTYASNULL ENCODING ENCRYPTED ESCAPE EXPLICIT_IDS FILLRECORD FIXEDWIDTH IGNOREALLERRORS IGNOREBLANKLINES
    IGNOREHEADER JSON LZOP MASTER_SYMMETRIC_KEY MAXERROR NOLOAD ORC PARQUET QUOTE READRATIO REGION REMOVEQUOTES
    ROUNDEC SECRET_ACCESS_KEY SESSION_TOKEN SHAPEFILE SSH TRIMBLANKS TRUNCATECOLUMNS ZSTD""".split()
)


@dataclass(frozen=True, slots=True)
class CopyFromS3:
    """One load: the manifest at bucket and key, read under which role, into which columns (empty: all, in order).

    A field that is ``null`` is NULL.
    """

    table: str
    table_name: str
    columns: tuple[str, ...]
    bucket: str
    key: str
    role: str
    null: str = DEFAULT_NULL


def parse_copy(cursor: TokenCursor) -> CopyFromS3:
    """Read a COPY statement. Raises RedshiftError for a source other than S3 and for an option that is not carried."""
    cursor.expect("COPY")
    table = cursor.qualified_name()
    columns = tuple(cursor.name_list()) if cursor.peek() == "(" else ()
    if cursor.accept("TO"):
        raise not_in_redshift("COPY … TO", hint="Redshift unloads with UNLOAD.")
    cursor.expect("FROM")
    if cursor.peek() in ("STDIN", "PROGRAM"):
        raise not_in_redshift(f"COPY … FROM {cursor.peek()}")
    bucket, key = split_url(cursor.string())
    role, null = _options(cursor)
    return CopyFromS3(table, table.rsplit(".", 1)[-1].strip('"'), columns, bucket, key, role, null)


def _options(cursor: TokenCursor) -> tuple[str, str]:
    """Read and check the options; return those that are not always the same: the role, and the text for NULL."""
    role, null = "", DEFAULT_NULL
    seen: set[str] = set()
    while not cursor.at_end:
        if cursor.accept("FORMAT"):
            cursor.accept("AS")
        option = cursor.peek()
        if option in NOT_IMITATED:
            raise not_imitated(f"COPY's option {option}")
        if option not in OPTIONS:
            raise cursor.unexpected()
        if option in seen:
            raise RedshiftError("42601", f"conflicting or redundant options: {option}")
        seen.add(option)
        cursor.next()
        if option == "IAM_ROLE":
            role = _role(cursor)
        elif option == "NULL":
            cursor.accept("AS")
            null = cursor.string()
        elif option == "TIMEFORMAT":
            cursor.accept("AS")
            if cursor.string() != TIME_FORMAT:
                raise not_imitated(f"COPY with a TIMEFORMAT other than '{TIME_FORMAT}'")
        elif option in ("COMPUPDATE", "STATUPDATE") and not cursor.accept("OFF"):
            raise not_imitated(f"COPY with {option} other than OFF")
    if not role:
        raise RedshiftError(INVALID_PARAMETER, "CREDENTIALS argument is required but not provided")
    for option in REQUIRED:
        if option not in seen:
            raise not_imitated(f"COPY without {option}")
    return role, null


def _role(cursor: TokenCursor) -> str:
    if cursor.peek() == "DEFAULT":
        raise not_imitated("COPY with IAM_ROLE default", instead="Name the role's ARN.")
    role = cursor.string()
    if "," in role:
        raise not_imitated("COPY with chained roles")
    if not (role.startswith("arn:aws") and ":role/" in role):
        raise RedshiftError(INVALID_PARAMETER, "Invalid value for IAM_ROLE: the ARN of a role is expected")
    return role


def split_url(url: str) -> tuple[str, str]:
    """Cut s3://bucket/key into bucket and key. Raises RedshiftError for any other address, without repeating it."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise not_imitated("a COPY source other than s3://bucket/key")
    return bucket, key
