"""Statements: the kinds that are taken, with what they become, and the kinds that are refused."""

import pytest

from local_redshift.copy_statement import CopyFromS3
from local_redshift.dialect import Forward, Nothing, SetCaseSensitivity, Statement, Truncate, translate
from local_redshift.errors import RedshiftError


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("begin", "BEGIN"),
        ("begin transaction", "BEGIN"),
        ("start transaction isolation level serializable read only", "BEGIN READ ONLY"),
        ("begin read write", "BEGIN"),
        ("commit work", "COMMIT"),
        ("end", "COMMIT"),
        ("rollback", "ROLLBACK"),
        ("abort transaction", "ROLLBACK"),
        ("lock t", 'LOCK TABLE "t"'),
        ("lock table s.t, u", 'LOCK TABLE "s"."t", "u"'),
        ("insert into t (a) values (nvl(1, 2)), (default)",
         'INSERT INTO "t" ("a") VALUES ( COALESCE(1 , 2) ) , ( default )'),
        ("insert into t default values", 'INSERT INTO "t" DEFAULT VALUES'),
        ("insert into t (select 1)", 'INSERT INTO "t" ( select 1 )'),
        ("insert into t (a) with w as (select 1) select * from w",
         'INSERT INTO "t" ("a") with w as ( select 1 ) select * from w'),
        ("update t set a = getdate() from u", "update t set a = pg_catalog.getdate() from u"),
        ("delete t where a = 1", 'DELETE FROM "t" where a = 1'),
        ("delete from t using u", 'DELETE FROM "t" using u'),
        ("with w as (select 1) delete from t using w", "with w as ( select 1 ) delete from t using w"),
        ("create schema if not exists s authorization u", 'CREATE SCHEMA IF NOT EXISTS "s" AUTHORIZATION "u"'),
        ("create view v (a) as select nvl(1, 2)", 'CREATE VIEW "v" ("a") AS select COALESCE(1 , 2)'),
        ("create or replace view v as select 1 with no schema binding", 'CREATE OR REPLACE VIEW "v" AS select 1'),
        (
            "create materialized view v backup no diststyle all auto refresh no as select 1",
            'CREATE MATERIALIZED VIEW "v" AS select 1',
        ),
        ("refresh materialized view v", 'REFRESH MATERIALIZED VIEW "v"'),
        ("drop table if exists a, s.b cascade", 'DROP TABLE IF EXISTS "a", "s"."b" CASCADE'),
        ("drop materialized view v", 'DROP MATERIALIZED VIEW "v"'),
        ("alter schema s owner to u", 'ALTER SCHEMA "s" OWNER TO "u"'),
        ("alter schema s rename to u", 'ALTER SCHEMA "s" RENAME TO "u"'),
        ("comment on column t.a is 'x'", """COMMENT ON COLUMN "t"."a" IS 'x'"""),
        ("analyze t predicate columns", 'ANALYZE "t"'),
        ("vacuum delete only t to 99 percent boost", 'VACUUM "t"'),
        ("vacuum", "VACUUM"),
        ("explain verbose select len('a')", "EXPLAIN VERBOSE select char_length('a')"),
        ("set search_path to core, \"$user\"", "SET search_path TO 'core', '$user'"),
        ("set local statement_timeout = 500", "SET LOCAL statement_timeout TO '500'"),
        ("set session time zone 'UTC'", "SET timezone TO 'UTC'"),
        ("set timezone to default", "SET timezone TO DEFAULT"),
        ("set query_group to load", "SET redshift.query_group TO 'load'"),
        ("reset query_group", "RESET redshift.query_group"),
        ("show search_path", "SHOW search_path"),
        ("create user u password 'Secret-1' in group a, b valid until '2027-01-01'",
         """CREATE USER "u" PASSWORD 'Secret-1' IN ROLE "a", "b" VALID UNTIL '2027-01-01'"""),
        ("create user u password disable createdb nocreateuser connection limit unlimited",
         'CREATE USER "u" PASSWORD NULL CREATEDB NOCREATEROLE CONNECTION LIMIT -1'),
        ("alter user u rename to v", 'ALTER USER "u" RENAME TO "v"'),
        ("create role r", 'CREATE ROLE "r"'),
        ("grant role r to role s, u with admin option", 'GRANT "r" TO "s", "u" WITH ADMIN OPTION'),
        ("grant select, insert on all tables in schema s to role r",
         'GRANT select , insert ON all tables in schema s TO "r"'),
        ('revoke all on "T" from group g, public', 'REVOKE all ON "t" FROM "g", PUBLIC'),
    ],
)  # fmt: skip
def test_a_statement_is_passed_on_in_postgresqls_words(sql: str, expected: str) -> None:
    assert translate(sql) == [Forward(expected)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("truncate table s.t", Truncate('TRUNCATE TABLE "s"."t"')),
        (
            "set enable_case_sensitive_identifier to true",
            SetCaseSensitivity("SET redshift.enable_case_sensitive_identifier TO 'true'", enabled=True),
        ),
        (
            "reset enable_case_sensitive_identifier",
            SetCaseSensitivity("RESET redshift.enable_case_sensitive_identifier", enabled=False),
        ),
        ("alter table t alter diststyle even", Nothing("ALTER TABLE")),
        (
            "/* nightly */ copy t from 's3://b/k' iam_role 'arn:aws:iam::1:role/r' csv",
            CopyFromS3('"t"', "t", (), "b", "k", "arn:aws:iam::1:role/r"),
        ),
    ],
)
def test_a_statement_is_left_to_the_endpoint(sql: str, expected: Statement) -> None:
    assert translate(sql) == [expected]


def test_a_text_may_hold_several_statements_or_none() -> None:
    assert translate("select 1; select 2;") == [Forward("select 1"), Forward("select 2")]
    assert translate(" -- nothing\n;") == []


def test_merge_is_rewritten() -> None:
    sql = (
        "merge into t using (select nvl(a, 0) as a from s) as n on t.a = n.a "
        "when matched then update set b = n.a when not matched then insert (a, b) values (n.a, getdate())"
    )

    (statement,) = translate(sql)

    assert isinstance(statement, Forward)
    assert statement.sql.endswith('when not matched then INSERT ("a", "b") VALUES ( n . a , pg_catalog.getdate() )')


MERGE = "merge into t using s on t.a = s.a when matched then update set b = 1 "


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("create index i on t (a)", "CREATE INDEX"),
        ("create unique index i on t (a)", "CREATE UNIQUE"),
        ("create sequence s", "CREATE SEQUENCE"),
        ("create extension x", "CREATE EXTENSION"),
        ("create or replace table t (a int)", "CREATE TABLE"),
        ("create temp view v as select 1", "CREATE VIEW"),
        ("create recursive view v (a) as select 1", "CREATE RECURSIVE"),
        ("drop index i", "DROP INDEX"),
        ("drop database d", "DROP DATABASE"),
        ("alter system set a to b", "ALTER SYSTEM"),
        ("alter role r login", "ALTER ROLE"),
        ("do 'begin end'", "statement DO"),
        ("listen a", "statement LISTEN"),
        ("savepoint a", "statement SAVEPOINT"),
        ("values (1)", "statement VALUES"),
        ("table t", "statement TABLE"),
        ("reassign owned by a to b", "statement REASSIGN"),
        ("rollback to a", "ROLLBACK TO"),
        ("commit prepared 'a'", "COMMIT PREPARED"),
        ("begin deferrable", "syntax error"),
        ("begin isolation level chaos", "syntax error"),
        ("lock t in share mode", "LOCK"),
        ("lock t nowait", "LOCK"),
        ("lock only t", "syntax error"),
        ("truncate t cascade", "syntax error"),
        ("truncate a, b", "syntax error"),
        ("insert into t values (1) on conflict do nothing", "ON CONFLICT"),
        ("insert into t values (1) returning a", "RETURNING"),
        ("insert into t as x values (1)", "syntax error"),
        ("insert into t overriding user value select 1", "syntax error"),
        ("update t set a = 1 returning a", "RETURNING"),
        ("update t set (a, b) = (1, 2)", "SET"),
        ("update only t set a = 1", "ONLY"),
        ("create table t as execute p", "syntax error"),
        ("create view v as table t", "syntax error"),
        ("delete from t returning a", "RETURNING"),
        ("with w as (select 1) insert into t select * from w", "WITH before INSERT"),
        ("explain analyze select 1", "EXPLAIN"),
        ("explain (format json) select 1", "EXPLAIN"),
        ("explain truncate t", "EXPLAIN"),
        ("set work_mem to '1GB'", 'parameter "work_mem"'),
        ("set role admin", "SET ROLE"),
        ("set session authorization u", "SET AUTHORIZATION"),
        ("set default_transaction_isolation to 'read committed'", "default_transaction_isolation"),
        ("show all", 'parameter "all"'),
        ("reset all", 'parameter "all"'),
        ("comment on index i is 'x'", "COMMENT ON INDEX"),
        ("analyze (verbose) t", "syntax error"),
        ("vacuum (full) t", "syntax error"),
        ("grant maintain on t to u", "privilege MAINTAIN"),
        ("grant r to u", "syntax error"),
        ("create user u superuser", "syntax error"),
        ("create role r login", "syntax error"),
        ("copy t to stdout", "COPY"),
        ("copy t from stdin", "FROM STDIN"),
        ("copy t from program 'x'", "FROM PROGRAM"),
        ("merge into t as x using s on true", "alias"),
        (MERGE, "without both"),
        (MERGE + "when not matched then do nothing", "DO NOTHING"),
        (MERGE + "when matched and a = 1 then delete when not matched then insert values (1)", "MATCHED AND"),
        (MERGE + "when not matched by source then delete", "BY SOURCE"),
        ("1 + 1", "syntax error"),
        ('"select" 1', "syntax error"),
    ],
)  # fmt: skip
def test_what_redshift_lacks_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=named):
        translate(sql)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("unload ('select 1') to 's3://b/k' iam_role default", "UNLOAD"),
        ("call p()", "CALL"),
        ("create procedure p() as 'x' language plpgsql", "PROCEDURE"),
        ("create external schema s from data catalog", "EXTERNAL"),
        ("create schema s quota 1 gb", "QUOTA"),
        ("create materialized view v auto refresh yes as select 1", "AUTO REFRESH"),
        ("analyze compression t", "ANALYZE COMPRESSION"),
        ("alter default privileges grant select on tables to r", "ALTER DEFAULT PRIVILEGES"),
        ("merge into t using s on t.a = s.a remove duplicates", "REMOVE DUPLICATES"),
        ("create user u password 'x' createuser", "CREATEUSER"),
        ("grant drop on t to u", "privilege DROP"),
    ],
)
def test_what_the_endpoint_does_not_imitate_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=f"{named}.* is not implemented by the local Redshift endpoint"):
        translate(sql)
