"""Statements: the kinds that are accepted, with what they become, and the kinds that are refused."""

import pytest

from local_redshift.dialect.copy_statement import CopyFromS3
from local_redshift.dialect.statements import Forward, Statement, Truncate, translate
from local_redshift.errors import RedshiftError


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("begin", "BEGIN"),
        ("begin transaction", "BEGIN"),
        ("commit work", "COMMIT"),
        ("rollback", "ROLLBACK"),
        ("lock t", 'LOCK TABLE "t"'),
        ("lock table s.t, u", 'LOCK TABLE "s"."t", "u"'),
        ("insert into t (a) values (nvl(1, 2)), (default)",
         'INSERT INTO "t" ("a") VALUES ( COALESCE(1 , 2) ) , ( default )'),
        ("update t set a = 1 from u where t.b = u.b", "update t set a = 1 from u where t . b = u . b"),
        ("insert into t (select 1)", 'INSERT INTO "t" ( select 1 )'),
        ("insert into t (a) with w as (select 1) select * from w",
         'INSERT INTO "t" ("a") with w as ( select 1 ) select * from w'),
        ("update t set a = getdate()", "update t set a = pg_catalog.getdate()"),
        ("update t as x set a = 1 from u where u.c > 1 and u.b = x.b",
         "update t as x set a = 1 from u where u . c > 1 and u . b = x . b"),
        ("delete t where a = 1", 'DELETE FROM "t" where a = 1'),
        ("delete from s.t using u where s.t.a = u.a", 'DELETE FROM "s"."t" using u where s . t . a = u . a'),
        ("create schema if not exists s", 'CREATE SCHEMA IF NOT EXISTS "s"'),
        ("create view v as select nvl(1, 2)", 'CREATE VIEW "v" AS select COALESCE(1 , 2)'),
        ("drop table if exists a, s.b cascade", 'DROP TABLE IF EXISTS "a", "s"."b" CASCADE'),
        ("set search_path to core, \"$user\"", "SET search_path TO 'core', '$user'"),
        ("set local statement_timeout = 500", "SET LOCAL statement_timeout TO '500'"),
        ("show search_path", "SHOW search_path"),
        ("create user u password 'Secret-1'", """CREATE USER "u" PASSWORD 'Secret-1'"""),
        ("alter user u session timeout 60",
         ("""DO 'BEGIN ALTER ROLE "u" SET idle_session_timeout = 60000;"""
          """ ALTER ROLE "u" SET idle_in_transaction_session_timeout = 60000; END'""")),
        ("create role r", 'CREATE ROLE "r"'),
        ("grant role r to u", 'GRANT "r" TO "u"'),
        ("grant select, insert on all tables in schema s to role r",
         'GRANT select , insert ON all tables in schema s TO "r"'),
        ('grant all on "T" to u', 'GRANT all ON "t" TO "u"'),
    ],
)  # fmt: skip
def test_a_statement_is_rewritten_for_postgresql(sql: str, expected: str) -> None:
    (statement,) = translate(sql)

    assert isinstance(statement, Forward)
    assert statement.sql == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("truncate table s.t", Truncate('TRUNCATE TABLE "s"."t"')),
        (
            "/* nightly */ copy t from 's3://b/k' iam_role 'arn:aws:iam::1:role/r' csv gzip manifest",
            CopyFromS3('"t"', "t", (), "b", "k", "arn:aws:iam::1:role/r"),
        ),
    ],
)
def test_some_statements_are_run_by_the_endpoint_itself(sql: str, expected: Statement) -> None:
    assert translate(sql) == [expected]


@pytest.mark.parametrize(
    ("sql", "alone"),
    [
        ("select 1 from t where a in (select b from u)", ["select b from u"]),
        ("select extract(day from (select a))", ["select a"]),
        ("with c as (select 1 as a) select (select a from c)", ["with c as ( select 1 as a ) ( select a from c )"]),
        ("insert into t select 1 where exists (select 1 where a = (select $1))",
         ["select 1 where a = ( select NULL )", "select NULL"]),
        ("update t set a = (select 1)", ["select 1"]),
        ("delete from t where (a = 1 or b in (select nvl(c, 0) from u))", ["select COALESCE(c , 0) from u"]),
        ("create view v as select 1 from t where a > (select 1)", ["select 1"]),
    ],
)  # fmt: skip
def test_a_subquery_of_an_expression_must_be_a_query_of_its_own(sql: str, alone: list[str]) -> None:
    (statement,) = translate(sql)

    assert isinstance(statement, Forward)
    assert list(statement.subqueries) == alone


def test_a_text_may_hold_several_statements_or_none() -> None:
    assert translate("select 1; select 2;") == [Forward("select 1"), Forward("select 2")]
    assert translate(" -- nothing\n;") == []


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("create index i on t (a)", "CREATE INDEX"),
        ("create unique index i on t (a)", "CREATE UNIQUE"),
        ("create sequence s", "CREATE SEQUENCE"),
        ("create extension x", "CREATE EXTENSION"),
        ("create temp view v as select 1", "CREATE TEMP VIEW"),
        ("create recursive view v (a) as select 1", "CREATE RECURSIVE"),
        ("drop index i", "DROP INDEX"),
        ("alter system set a to b", "ALTER SYSTEM"),
        ("do 'begin end'", "statement DO"),
        ("listen a", "statement LISTEN"),
        ("savepoint a", "statement SAVEPOINT"),
        ("values (1)", "statement VALUES"),
        ("table t", "statement TABLE"),
        ("reassign owned by a to b", "statement REASSIGN"),
        ("rollback to a", "ROLLBACK TO"),
        ("commit prepared 'a'", "COMMIT PREPARED"),
        ("begin deferrable", "syntax error"),
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
        ("create view v as table t", "syntax error"),
        ("delete from t returning a", "RETURNING"),
        ("update t set a = 1 from u", "equijoin"),
        ("update t set a = 1 from u where t.b = 1", "equijoin"),
        ("update t set a = 1 from u where b = c", "equijoin"),
        ("update t set a = 1 from u where t.b > u.b", "equijoin"),
        ("update t set a = 1 from u where t.b = u.b or u.c = 1", "equijoin"),
        ("update t set a = 1 from u, v where v.b = u.b", "equijoin"),
        ("update t as x set a = 1 from u where t.b = u.b", "equijoin"),
        ("update t set a = 1 from u where case when u.c and t.b = u.b and u.d then u.e else u.f end", "equijoin"),
        ("delete from t using u", "equijoin"),
        ("delete from t using u where t.b = t.c", "equijoin"),
        ("delete from t using u where not t.b = u.b", "equijoin"),
        ("insert into t select relname from pg_class", "not supported on Redshift tables"),
        ("insert into t with p as (select 1 from pg_class) select 1 from p", "not supported on Redshift tables"),
        ("insert into t select 1 from svv_transactions", "not supported on Redshift tables"),
        ("insert into t select current_schema()", "not supported on Redshift tables"),
        ("select relname into t from pg_class", "not supported on Redshift tables"),
        ("update t set a = 1 where b in (select relname from pg_class)", "not supported on Redshift tables"),
        ("delete from t using pg_class where t.a = pg_class.relname", "not supported on Redshift tables"),
        ("with w as (select 1) insert into t select * from w", "WITH before INSERT"),
        ("with w as (select 1) merge into t using w on true when matched then delete", "or MERGE"),
        ("set work_mem to '1GB'", 'parameter "work_mem"'),
        ("set default_transaction_isolation to 'read committed'", "default_transaction_isolation"),
        ("show all", 'parameter "all"'),
        ("grant maintain on t to u", "privilege MAINTAIN"),
        ("grant r to u", "syntax error"),
        ("create role r login", "syntax error"),
        ("alter user u session timeout 59", "SESSION TIMEOUT 59"),
        ("alter user u session timeout 1728001", "SESSION TIMEOUT 1728001"),
        ("alter user u session timeout", "syntax error"),
        ("copy t to stdout", "COPY"),
        ("copy t from stdin", "FROM STDIN"),
        ("copy t from program 'x'", "FROM PROGRAM"),
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
        ("merge into t using s on t.a = s.a remove duplicates", "MERGE"),
        ("explain select 1", "EXPLAIN"),
        ("vacuum", "VACUUM"),
        ("analyze t", "ANALYZE"),
        ("comment on table t is 'x'", "COMMENT"),
        ("refresh materialized view v", "REFRESH"),
        ("revoke all on t from u", "REVOKE"),
        ("reset search_path", "RESET"),
        ("start transaction", "START"),
        ("begin isolation level serializable", "BEGIN … ISOLATION"),
        ("begin read write", "BEGIN … READ"),
        ("end", "END"),
        ("with w as (select 1) delete from t using w", "WITH before UPDATE or DELETE"),
        ("with w as (select 1) update t set a = 1", "WITH before UPDATE or DELETE"),
        ("abort", "ABORT"),
        ("insert into t default values", "INSERT … DEFAULT VALUES"),
        ("create materialized view v as select 1", "CREATE MATERIALIZED"),
        ("create or replace view v as select 1", "CREATE OR"),
        ("create local temp table t (a int)", "CREATE LOCAL"),
        ("create view v (a) as select 1", "a list of columns in CREATE VIEW"),
        ("create view v as select 1 from t with no schema binding", "WITH NO SCHEMA BINDING"),
        ("create procedure p() as 'x' language plpgsql", "CREATE PROCEDURE"),
        ("create external schema s from data catalog", "CREATE EXTERNAL"),
        ("create schema s quota 1 gb", "QUOTA"),
        ("create schema s authorization u", "AUTHORIZATION"),
        ("create group g", "CREATE GROUP"),
        ("create user u", "CREATE USER without PASSWORD '…'"),
        ("create user u password disable", "CREATE USER without PASSWORD '…'"),
        ("create user u password 'Secret-1' createuser", "the user option CREATEUSER"),
        ("alter user u password 'x'", "ALTER USER … PASSWORD"),
        ("alter user u reset session timeout", "ALTER USER … RESET"),
        ("alter schema s owner to u", "ALTER SCHEMA"),
        ("alter default privileges grant select on tables to r", "ALTER DEFAULT"),
        ("drop database d", "DROP DATABASE"),
        ("drop materialized view v", "DROP MATERIALIZED"),
        ("grant drop on t to u", "the privilege DROP"),
        ("grant select on t to group g", "GRANT … TO GROUP"),
        ("grant select on t to public", "GRANT … TO PUBLIC"),
        ("grant select on t to u, v", "GRANT to several"),
        ("grant select on t to u with grant option", "GRANT … WITH an option"),
        ("set role admin", "SET ROLE"),
        ("set session authorization u", "SET SESSION"),
        ("set time zone 'UTC'", "SET TIME"),
        ("set statement_timeout to default", "SET … TO DEFAULT"),
        ("set enable_case_sensitive_identifier to true", "the setting enable_case_sensitive_identifier"),
        ("show query_group", "the setting query_group"),
    ],
)
def test_what_is_not_imitated_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=f"{named}.* is not imitated by the local Redshift") as refusal:
        translate(sql)

    assert "add it in local_redshift/dialect" in refusal.value.hint
