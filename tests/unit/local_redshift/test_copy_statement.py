"""COPY's text to a description of the load; every option is carried out or refused."""

from dataclasses import replace

import pytest

from local_redshift.copy_statement import Compression, CopyFromS3, CsvShape, FieldRules, parse_copy, split_url
from local_redshift.errors import RedshiftError
from local_redshift.tokens import tokenize

ROLE = "arn:aws:iam::123456789012:role/copy"
PLAIN = CopyFromS3('"core"."orders"', "orders", (), "bucket", "a/key", ROLE)


def parsed(options: str, target: str = "core.orders") -> CopyFromS3:
    """Parse a COPY with these options."""
    return parse_copy(tokenize(f"copy {target} from 's3://bucket/a/key' iam_role '{ROLE}' {options}"))


def shaped(**changes: object) -> CopyFromS3:
    """Give the plain load with another shape of lines."""
    return replace(PLAIN, shape=replace(CsvShape(), **changes))  # type: ignore[arg-type]


def ruled(**changes: object) -> CopyFromS3:
    """Give the plain load with other rules for fields."""
    return replace(PLAIN, rules=replace(FieldRules(), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("csv", PLAIN),
        ("format as csv", PLAIN),
        ("format csv compupdate off statupdate on", PLAIN),
        ("csv compupdate preset", PLAIN),
        ("csv encoding utf8", PLAIN),
        ("csv manifest", replace(PLAIN, manifest=True)),
        ("csv gzip", replace(PLAIN, compression=Compression.GZIP)),
        ("zstd csv", replace(PLAIN, compression=Compression.ZSTD)),
        ("csv bzip2", replace(PLAIN, compression=Compression.BZIP2)),
        ("csv region as 'eu-west-2'", replace(PLAIN, region="eu-west-2")),
        ("csv maxerror as 7", replace(PLAIN, max_errors=7)),
        ("csv noload", replace(PLAIN, check_only=True)),
        ("csv delimiter as ';'", shaped(delimiter=";")),
        (r"csv delimiter '\t'", shaped(delimiter="\t")),
        (r"csv delimiter '\174'", shaped(delimiter="|")),
        ("csv quote as ''''", shaped(quote="'")),
        ("csv ignoreheader 2", shaped(header_lines=2)),
        ("csv ignoreblanklines", shaped(skip_blank_lines=True)),
        ("csv fillrecord", shaped(fill_missing=True)),
        ("csv acceptinvchars", shaped(invalid_character="?")),
        ("csv acceptinvchars as '_'", shaped(invalid_character="_")),
        ("csv acceptinvchars manifest", replace(shaped(invalid_character="?"), manifest=True)),
        ("csv null as 'none'", ruled(null_string="none")),
        (r"csv null '\N'", ruled(null_string=r"\N")),
        (r"csv null '\\N'", ruled(null_string=r"\N")),
        ("csv null ''", ruled(null_string="")),
        ("csv emptyasnull blanksasnull", ruled(empty_as_null=True, blanks_as_null=True)),
        ("csv trimblanks truncatecolumns roundec", ruled(trim_blanks=True, truncate=True, round_decimals=True)),
        ("csv timeformat 'auto' dateformat as 'DD.MM.YYYY'", ruled(time_format="auto", date_format="DD.MM.YYYY")),
    ],
)
def test_an_option_is_read(options: str, expected: CopyFromS3) -> None:
    assert parsed(options) == expected


def test_columns_are_read() -> None:
    assert parsed("csv", 'Orders (A, "B")').columns == ("a", "b")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("", "another format than CSV"),
        ("delimiter '|'", "another format than CSV"),
        ("json 'auto'", "JSON"),
        ("format as parquet", "PARQUET"),
        ("csv lzop", "LZOP"),
        ("csv acceptanydate", "ACCEPTANYDATE"),
        ("csv escape", "ESCAPE"),
        ("csv explicit_ids", "EXPLICIT_IDS"),
        ("csv encoding utf16", "another encoding"),
        ("csv header", "header"),
        ("csv on_error ignore", "on_error"),
        ("csv gzip zstd", "redundant options: ZSTD"),
        ("csv manifest manifest", "redundant options: MANIFEST"),
        ("csv format csv csv", "redundant options: CSV"),
        ("csv delimiter ',,'", "single ASCII character"),
        ("csv delimiter 'é'", "single ASCII character"),
        ("csv delimiter '\"'", "must not be the same"),
        ("quote '%' csv", "QUOTE follows CSV"),
        ("csv maxerror 100001", "between 0 and 100000"),
        ("csv maxerror 'many'", "syntax error"),
        (r"csv null '\n'", "line end"),
        ("csv null", "end of input"),
        ("csv where a = 1", "where"),
    ],
)
def test_an_option_that_is_not_carried_out_is_refused(options: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=named):
        parsed(options)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("copy t from 's3://b/k' csv", "CREDENTIALS argument is required"),
        ("copy t from 's3://b/k' iam_role default csv", "IAM_ROLE default"),
        (f"copy t from 's3://b/k' iam_role '{ROLE},{ROLE}' csv", "chained roles"),
        ("copy t from 's3://b/k' iam_role 'admin' csv", "ARN"),
        ("copy t from 's3://b/k' credentials 'aws_iam_role=x' csv", "CREDENTIALS"),
        ("copy t from 's3://b/k' access_key_id 'x' csv", "ACCESS_KEY_ID"),
        ("copy t from 'emr://b/k' csv", "s3://bucket/key"),
        ("copy t from 's3:///k' csv", "s3://bucket/key"),
        ("copy t from stdin", "FROM STDIN"),
        ("copy t to 's3://b/k'", "COPY … TO"),
        ("copy (select 1) to 's3://b/k'", "syntax error"),
        ("copy t () from 's3://b/k'", "syntax error"),
        ("copy t", "end of input"),
    ],
)
def test_a_source_that_is_not_redshifts_is_refused(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=named):
        parse_copy(tokenize(sql))


@pytest.mark.parametrize(
    ("url", "expected"),
    [("s3://b/a/key", ("b", "a/key")), ("s3://b", ("b", "")), ("s3://b/a?b#c", ("b", "a?b#c"))],
)
def test_an_address_has_a_bucket_and_a_key(url: str, expected: tuple[str, str]) -> None:
    assert split_url(url) == expected
