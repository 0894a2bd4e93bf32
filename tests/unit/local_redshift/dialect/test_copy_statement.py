"""COPY's text to a description of the load; every option that is not carried is refused."""

import pytest

from local_redshift.dialect.copy_statement import NOT_IMITATED, CopyFromS3, parse_copy, split_url
from local_redshift.dialect.token_cursor import TokenCursor
from local_redshift.dialect.tokens import tokenize
from local_redshift.errors import RedshiftError

ROLE = "arn:aws:iam::123456789012:role/copy"
PLAIN = CopyFromS3('"core"."orders"', "orders", (), "bucket", "a/key", ROLE)


def parsed(sql: str) -> CopyFromS3:
    """Parse a COPY."""
    return parse_copy(TokenCursor(tokenize(sql)))


def with_options(options: str, target: str = "core.orders") -> CopyFromS3:
    """Parse a COPY with these options."""
    return parsed(f"copy {target} from 's3://bucket/a/key' iam_role '{ROLE}' {options}")


@pytest.mark.parametrize(
    "options",
    [
        "csv gzip manifest",
        "manifest gzip format as csv",
        "format csv gzip manifest compupdate off statupdate off",
        "csv gzip manifest timeformat 'YYYY-MM-DD HH:MI:SS'",
        "csv gzip manifest timeformat as 'YYYY-MM-DD HH:MI:SS'",
    ],
)
def test_a_gzipped_csv_with_a_manifest_is_loaded(options: str) -> None:
    assert with_options(options) == PLAIN


def test_the_text_for_null_is_read() -> None:
    assert with_options("csv gzip manifest null as '  '").null == "  "


def test_columns_are_read() -> None:
    assert with_options("csv gzip manifest", 'Orders (A, "B")').columns == ("a", "b")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("", "COPY without CSV"),
        ("csv manifest", "COPY without GZIP"),
        ("csv gzip", "COPY without MANIFEST"),
        ("format as parquet", "COPY's option PARQUET"),
        ("csv compupdate on", "COMPUPDATE other than OFF"),
        ("csv statupdate", "STATUPDATE other than OFF"),
        ("csv timeformat 'auto'", "a TIMEFORMAT other than"),
        *((option.lower(), f"COPY's option {option}") for option in sorted(NOT_IMITATED)),
    ],
)
def test_an_option_that_is_not_imitated_is_refused_by_name(options: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=f"{named}.* is not imitated"):
        with_options(options)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("csv header", "header"),
        ("csv on_error ignore", "on_error"),
        ("csv manifest manifest", "redundant options: MANIFEST"),
        ("csv format csv", "redundant options: CSV"),
        ("format", "end of input"),
        ("csv timeformat 1", "syntax error"),
        ("csv where a = 1", "where"),
    ],
)
def test_an_option_that_redshift_lacks_is_refused(options: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=named):
        with_options(options)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("copy t from 's3://b/k' csv", "CREDENTIALS argument is required"),
        ("copy t from 's3://b/k' iam_role default csv", "IAM_ROLE default"),
        (f"copy t from 's3://b/k' iam_role '{ROLE},{ROLE}' csv", "chained roles"),
        ("copy t from 's3://b/k' iam_role 'admin' csv", "ARN"),
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
        parsed(sql)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("s3://b/a/key", ("b", "a/key")), ("s3://b", ("b", "")), ("s3://b/a?b#c", ("b", "a?b#c"))],
)
def test_an_address_has_a_bucket_and_a_key(url: str, expected: tuple[str, str]) -> None:
    assert split_url(url) == expected
