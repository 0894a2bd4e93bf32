"""CREATE TABLE and ALTER TABLE: no distribution, an index for a sort key, keys not enforced, sizes counted in bytes."""

import re

import pytest

from local_redshift.dialect.statements import Forward, translate
from local_redshift.errors import RedshiftError


def rewritten(sql: str) -> str:
    """Translate one statement, without the checks that count bytes and those that are not enforced."""
    (statement,) = translate(sql)
    assert isinstance(statement, Forward)
    bytes_check = r' CONSTRAINT "redshift_bytes_\w+" CHECK \(CASE WHEN .*? END\)'
    declared_key = r', CONSTRAINT "\w+" CHECK \(pg_redshift\.declared.*? IS NOT NULL\) NOT ENFORCED'
    return re.sub(f"{bytes_check}|{declared_key}", "", statement.sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("create table t (a int, b bigint not null)", 'CREATE TABLE "t" ("a" integer, "b" bigint NOT NULL)'),
        (
            "create table if not exists s.t (a int encode az64) diststyle key distkey (a)",
            'CREATE TABLE IF NOT EXISTS "s"."t" ("a" integer)',
        ),
        (
            "create table t (a int, b int) distkey (a) compound sortkey (a, b)",
            'CREATE TABLE "t" ("a" integer, "b" integer)',
        ),
        (
            "create table t (a int, b int, primary key (a, b))",
            'CREATE TABLE "t" ("a" integer NOT NULL, "b" integer NOT NULL)',
        ),
        ("create table t (a int primary key)", 'CREATE TABLE "t" ("a" integer NOT NULL)'),
        ("create table t (a int unique, unique (a))", 'CREATE TABLE "t" ("a" integer)'),
        (
            "create table t (a int references s.u (b), foreign key (a) references u)",
            'CREATE TABLE "t" ("a" integer)',
        ),
        ("create table t (a varchar)", 'CREATE TABLE "t" ("a" character varying(256))'),
        ("create table t (a text)", 'CREATE TABLE "t" ("a" character varying(256))'),
        ("create table t (a varchar(max))", 'CREATE TABLE "t" ("a" character varying(65535))'),
        ("create table t (a char, b bpchar)", 'CREATE TABLE "t" ("a" character(1), "b" character(256))'),
        ("create table t (a decimal, b numeric(5))", 'CREATE TABLE "t" ("a" numeric(18,0), "b" numeric(5,0))'),
        (
            "create table t (a float, b double precision)",
            'CREATE TABLE "t" ("a" double precision, "b" double precision)',
        ),
        (
            "create table t (a timestamp, b timestamptz, c time with time zone)",
            'CREATE TABLE "t" ("a" timestamp without time zone, "b" timestamp with time zone, "c" time with time zone)',
        ),
        (
            "create table t (a timestamp default sysdate not null encode raw)",
            'CREATE TABLE "t" ("a" timestamp without time zone DEFAULT pg_catalog.sysdate() NOT NULL)',
        ),
        ("create table t (a int default (1 + 2))", 'CREATE TABLE "t" ("a" integer DEFAULT ( 1 + 2 ))'),
        ("create temporary table t (a int)", 'CREATE TEMP TABLE "t" ("a" integer)'),
        ("alter table t add column a int default 0", 'ALTER TABLE "t" ADD COLUMN "a" integer DEFAULT 0'),
        ("alter table t drop constraint t_pkey restrict", 'ALTER TABLE "t" DROP CONSTRAINT "t_pkey"'),
        ("alter table t rename column a to b", 'ALTER TABLE "t" RENAME COLUMN "a" TO "b"'),
    ],
)
def test_a_statement_about_a_table_is_rewritten(sql: str, expected: str) -> None:
    assert rewritten(sql) == expected


def test_a_table_that_is_referred_to_must_exist() -> None:
    (statement,) = translate("create table t (a int references s.u (b), c int, foreign key (c, a) references v (d, e))")

    assert isinstance(statement, Forward)
    assert statement.references == (
        'SELECT NULL::integer = "b" FROM "s"."u"',
        'SELECT NULL::integer = "d", NULL::integer = "e" FROM "v"',
    )


def test_a_declared_key_becomes_a_check_that_is_not_enforced() -> None:
    (statement,) = translate("create table s.t (a int, b int references u (c), primary key (a, b), unique (b))")

    assert isinstance(statement, Forward)
    assert statement.declares_keys
    assert re.findall(r'CONSTRAINT ("\w+") CHECK \(pg_redshift\.(.*?)\) NOT ENFORCED', statement.sql) == [
        ('"t_pkey"', """declared('PRIMARY KEY', NULL::regclass, ARRAY[]::name[]) AND ROW("a", "b") IS NOT NULL"""),
        ('"t_b_key"', """declared('UNIQUE', NULL::regclass, ARRAY[]::name[]) AND ROW("b") IS NOT NULL"""),
        ('"t_b_fkey"', """declared('FOREIGN KEY', '"u"'::regclass, ARRAY['c']::name[]) AND ROW("b") IS NOT NULL"""),
    ]


def test_a_sort_key_becomes_an_index_of_zones() -> None:
    (statement,) = translate("create table s.t (a int, b int) distkey (a) compound sortkey (b, a)")

    assert isinstance(statement, Forward)
    assert statement.sort_index == 'CREATE INDEX ON "s"."t" USING brin ("b", "a") WITH (pages_per_range = 32)'


@pytest.mark.parametrize(
    "sql", ["create table t (a int) distkey (a)", "create table if not exists t (a int) sortkey (a)"]
)
def test_a_table_without_a_sort_key_or_that_may_exist_gets_no_index(sql: str) -> None:
    (statement,) = translate(sql)

    assert isinstance(statement, Forward)
    assert not statement.sort_index


def test_a_text_column_gets_a_check_that_counts_bytes() -> None:
    (statement,) = translate("create table t (name varchar(5))")

    assert statement == Forward(
        'CREATE TABLE "t" ("name" character varying(5) CONSTRAINT "redshift_bytes_name" CHECK (CASE WHEN '
        "octet_length(\"name\") > 5 THEN pg_redshift.too_long('character varying(5)') ELSE true END))"
    )


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("create table t (a serial)", "serial"),
        ("create table t (a uuid)", "uuid"),
        ("create table t (a int[])", "array"),
        ("create table t (a int check (a > 0))", "CHECK"),
        ("create table t (a int, check (a > 0))", "CHECK"),
        ("create table t (a varchar(9) collate x)", "COLLATE"),
        ("create table t (a varchar(65536))", "between 1 and 65535"),
        ("create table t (a char(4097))", "between 1 and 4096"),
        ("create table t (a decimal(39))", "precision 39"),
        ("create table t (a decimal(5, 6))", "scale 6"),
        ("create table t (a timestamp(3))", "precision"),
        ("create table t (a super)", "super"),
        ("create table t (a int encode fastest)", "fastest"),
        ("create table t (a varchar(9) encode az64)", "az64 of character"),
        ("create table t (a char(9) encode az64)", "az64 of character"),
        ("create table t (a float encode az64)", "az64 of double"),
        ("create table t (a bool encode bytedict)", "bytedict of boolean"),
        ("create table t (a int) diststyle even distkey (a)", "EVEN takes no DISTKEY"),
        ("create table t (a int) distkey (a) diststyle all", "ALL takes no DISTKEY"),
        ("create table t (a int) diststyle key", "needs a DISTKEY"),
        ("create table t (a int) diststyle all diststyle even", "DISTSTYLE"),
        ("create table t (a int, b int) distkey (a, b)", "syntax error"),
        ("create table t (a int) distkey (b)", '"b" named in key'),
        ("create table t (a int) sortkey (b)", '"b" named in key'),
        ("create table t (a int) sortkey (a, a)", "column twice"),
        ("create table t (a int) sortkey (a) compound sortkey (a)", "SORTKEY"),
        ("create table t (a int primary key, primary key (a))", "multiple primary keys"),
        ("create table t (a int, unique (b))", '"b" named in key'),
        ("create table t (a int, foreign key (b) references u (c))", '"b" named in key'),
        ("create table t (a int references t (b))", '"b" named in key'),
        ("create table t (a int, foreign key (a) references u (b, c))", "disagree"),
        ("alter table t add column a int not null", "needs a DEFAULT"),
        ("alter table t add column a int default null not null", "needs a DEFAULT"),
        ("alter table t add column a int default 0 primary key", "in ADD COLUMN"),
        ("alter table t add column a int unique", "in ADD COLUMN"),
        ("alter table t add column a int references u", "in ADD COLUMN"),
        ("create table t (a int) diststyle sometimes", "sometimes"),
        ("create table t (a int) inherits (u)", "INHERITS"),
        ("create table t (a int) with (fillfactor = 10)", "WITH"),
        ("create table t (a int) on commit drop", "ON"),
        ("create table t (a int, primary key (b))", '"b" named in key'),
        ("create table t (ctid int)", "system column"),
        ("create table t", "end of input"),
        ("create table t (a int default pg_sleep(1))", "pg_sleep"),
        ("create unlogged table t (a int)", "UNLOGGED"),
        ("alter table t add column a int, add column b int", "syntax error"),
        ("alter table t disable trigger all", "syntax error"),
    ],
)
def test_what_redshift_lacks_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=named):
        translate(sql)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("create table t as select 1", "CREATE TABLE … AS"),
        ('create table "#t" (a int)', "a table name with #"),
        ("create table t (like u)", "LIKE in CREATE TABLE"),
        ("create table t (a int, constraint k primary key (a))", "CONSTRAINT in CREATE TABLE"),
        ("create table t (a int distkey)", "DISTKEY in a column"),
        ("create table t (a int sortkey)", "SORTKEY in a column"),
        ("create table t (a bigint identity(0, 1))", "IDENTITY in a column"),
        ("create table t (a bigint generated by default as identity(1, 2))", "GENERATED in a column"),
        ("create table t (a int) backup no", "BACKUP of a table"),
        ("create table t (a int) encode auto", "ENCODE of a table"),
        ("create table t (a int encode delta)", "ENCODE DELTA"),
        ("create table t (a int) interleaved sortkey (a)", "INTERLEAVED of a table"),
        ("create table t (a int) sortkey auto", "SORTKEY AUTO"),
        ("alter table t add primary key (a)", "ALTER TABLE … ADD PRIMARY"),
        ("alter table t alter column a type varchar(9)", "ALTER TABLE … ALTER COLUMN"),
        ("alter table t alter diststyle even", "ALTER TABLE … ALTER DISTSTYLE"),
        ("alter table t append from u", "ALTER TABLE … APPEND FROM"),
        ("alter table t drop column a", "ALTER TABLE … DROP COLUMN"),
        ("alter table t drop constraint t_pkey cascade", "DROP CONSTRAINT … CASCADE"),
        ("alter table t owner to u", "ALTER TABLE … OWNER TO"),
        ("alter table t rename to u", "ALTER TABLE … RENAME TO"),
    ],
)
def test_what_is_not_imitated_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=f"{named}.* is not imitated"):
        translate(sql)
