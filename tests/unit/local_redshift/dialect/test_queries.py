"""Queries and expressions: what is rewritten for PostgreSQL, and what is refused because Redshift lacks it."""

import re

import pytest

from local_redshift.dialect.queries import rewrite_query
from local_redshift.dialect.tokens import tokenize
from local_redshift.errors import RedshiftError


def rewritten(sql: str) -> str:
    """Rewrite a query, and remove the spaces around punctuation."""
    sql = rewrite_query(tokenize(sql))
    return re.sub(r"\s*([(),.])\s*", r"\1", sql)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select a, count(*) from t group by a", "select a,count(*)from t group by a"),
        ("select nvl(a, 0)", "select COALESCE(a,0)"),
        ("select nvl2(a, 1, 2)", "select CASE WHEN(a)IS NOT NULL THEN 1 ELSE 2 END"),
        (
            "select decode(a, 1, 'x', 'y')",
            "select CASE WHEN(a)IS NOT DISTINCT FROM(1)THEN 'x' ELSE 'y' END",
        ),
        ("select concat(a, b)", "select((a)||(b))"),
        ("select charindex('b', a)", "select strpos(a,'b')"),
        ("select len(a)", "select char_length(a)"),
        ("select dateadd(day, -1, a)", "select pg_catalog.dateadd('day',(- 1)::bigint,a)"),
        ("select datediff('hrs', a, b)", "select pg_catalog.datediff('hour',a,b)"),
        ("select date_part(dow, a)", "select date_part('dow',a)"),
        ("select date_trunc('MON', '2026-01-01')", "select date_trunc('month','2026-01-01'::timestamp)"),
        ("select date_trunc('day', $1)", "select date_trunc('day',$1::timestamp)"),
        ("select extract(month from a + b)", "select pg_redshift.date_part('month',a + b)"),
        ("select sysdate, getdate()", "select pg_catalog.sysdate(),pg_catalog.getdate()"),
        ("select t.sysdate from t", "select t.sysdate from t"),
        ("select avg(distinct a)", "select pg_redshift.avg(distinct a)"),
        ("select convert(int, a)", "select CAST(a AS integer)"),
        ("select cast(a as decimal)", "select CAST(a AS numeric(18,0))"),
        ("select a::varchar(max)", "select a :: character varying(65535)"),
        ("select a::text", "select a :: character varying(256)"),
        ("select trim(both 'x' from nvl(a, ''))", "select trim(both 'x' from COALESCE(a,''))"),
        ("select trim(a)", "select trim(a)"),
        ("select substring(a from 1 for 2)", "select substring(a,(1)::integer,(2)::integer)"),
        ("select substring(a, b)", "select substring(a,(b)::integer)"),
        ("select position('b' in a)", "select position('b' in a)"),
        ('select 1 as "Value"', 'select 1 as "value"'),
        (
            "with a (x) as (select 1), b (y) as (select 2) select x from a as c (x) join b on x = y",
            "with a(x)as(select 1),b(y)as(select 2)select x from a as c(x)join b on x = y",
        ),
        ("select a = any (select 1)", "select a = any(select 1)"),
        (
            "select sum(a) over (partition by b order by c rows unbounded preceding)",
            "select sum(a)over(partition by b order by c rows unbounded preceding)",
        ),
        ("select row_number() over (order by a)", "select row_number()over(order by a)"),
        ("select count(*) over ()", "select count(*)over()"),
        ("select range, rows, groups, filter from t", "select range,rows,groups,filter from t"),
        ("select current_schema()", "select current_schema()"),
        (
            "select current_schema() from information_schema.tables",
            "select current_schema()from information_schema.tables",
        ),
        ("select pg_catalog.version()", "select pg_catalog.version()"),
        ("select pid from svv_transactions", "select pid from svv_transactions"),
        (
            "with p as (select 1 from pg_class) select 1 from p join pg_class using (a)",
            "with p as(select 1 from pg_class)select 1 from p join pg_class using(a)",
        ),
        ("select t.minus, 1 as pivot from t", "select t.minus,1 as pivot from t"),
        ("select timestamp '2026-01-01', date '2026-01-01'", "select timestamp '2026-01-01',date '2026-01-01'"),
    ],
)
def test_a_query_is_rewritten(sql: str, expected: str) -> None:
    assert rewritten(sql) == expected


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("select distinct on (a) a from t", "DISTINCT ON"),
        ("select a is distinct from b", "DISTINCT FROM"),
        ("select count(*) filter (where a)", "FILTER"),
        ("select 1 from t, lateral (select 1)", "LATERAL"),
        ("select a from t for update", "FOR UPDATE"),
        ("select a from t for no key update", "FOR NO KEY"),
        ("select a from t fetch first 1 rows only", "FETCH FIRST"),
        ("select a from t tablesample system (1)", "TABLESAMPLE"),
        ("select a from t order by a collate x", "COLLATE"),
        ("select array[1]", "ARRAY"),
        ("select a[1] from t", "subscript"),
        ("select row(1, 2)", "ROW"),
        ("select a = any ('{1}')", "ANY of an array"),
        ("select a between symmetric 1 and 2", "BETWEEN SYMMETRIC"),
        ("select a operator(pg_catalog.+) b", "OPERATOR"),
        ("select * from (values (1)) as v", "VALUES as a table"),
        ("select 1 union table t", "TABLE as a query"),
        ("select sum(a) over w from t window w as ()", "WINDOW clause"),
        ("select sum(a) over (order by b range unbounded preceding)", "RANGE"),
        ("select sum(a) over (order by b rows unbounded preceding exclude ties)", "EXCLUDE"),
        ("select sum(a) over (order by b)", "require a frame clause"),
        ("select first_value(a) over (order by b)", "require a frame clause"),
        ("select lag(a, 1, 0) over (order by b)", "default value"),
        ("with a as materialized (select 1) select 1", "AS MATERIALIZED"),
        ("with a as (delete from t) select 1", "WITH query that changes data"),
        ("select ctid from t", "system column CTID"),
        ("select current_timestamp", "CURRENT_TIMESTAMP"),
        ("select a is json", "IS JSON"),
        ("select '{}'::jsonb", "data type jsonb"),
        ("select jsonb '{}'", "type jsonb"),
        ("select \"jsonb\" '{}'", 'type "jsonb"'),
        ("select (t).a from t", "field of a row"),
        ("select a from t order by a using >", "ORDER BY … USING"),
        ("select a from only t", "ONLY"),
        ("select a at local", "AT LOCAL"),
        ("select 1 union distinct select 1", "UNION DISTINCT"),
        ("select 1 except all select 1", "EXCEPT ALL"),
        ("select cast(a as uuid)", "data type uuid"),
        ("select a::integer[]", "array type"),
        ("select a ? b", "operator \\?"),
        ("select * from getdate()", "function as a table"),
        ("select current_schema() from pg_class, t", "not supported on Redshift tables"),
        ("select 1 from t join pg_class on true", "not supported on Redshift tables"),
        ("select 1 from t where a in (select relname from pg_class)", "not supported on Redshift tables"),
        ("select 1 from (t join information_schema.tables on true)", "not supported on Redshift tables"),
        ("select current_schema() from t", "not supported on Redshift tables"),
        ("select current_schema(), (select count(*) from t)", "not supported on Redshift tables"),
    ],
)
def test_what_redshift_lacks_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=named):
        rewritten(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select string_agg(a, ',') from t",
        "select array_agg(a) from t",
        "select gen_random_uuid()",
        "select generate_series(1, 2)",
        "select * from generate_series(1, 2)",
        "select pg_sleep(1)",
        "select pg_read_file('/etc/passwd')",
        "select pg_catalog.pg_sleep(1)",
        "select public.nvl(1)",
        'select "pg_sleep"(1)',
        "select jsonb_build_object('a', 1)",
        "select a from t where exists (select lo_import('x'))",
        "select now()",
        "select set_config('work_mem', '1MB', false)",
        "select sum(make_interval(1))",
        "select nextval('s')",
        "select case when true then pg_sleep(1) end",
        "select a from t join unnest(b) on true",
        "select a, pg_sleep (1)",
    ],
)
def test_a_function_that_redshift_lacks_is_refused(sql: str) -> None:
    with pytest.raises(RedshiftError, match="does not exist"):
        rewritten(sql)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("select top 5 a from t", "TOP"),
        ("select a from t qualify row_number() over (order by a) = 1", "QUALIFY"),
        ("select a from t minus select 1", "MINUS"),
        ("select * from t pivot (sum(a) for b in (1))", "PIVOT"),
        ("select listagg(a, ',')", "the function LISTAGG"),
        ("select median(a)", "the function MEDIAN"),
        ("select percentile_cont(0.5) within group (order by a)", "the function PERCENTILE_CONT"),
        ("select approximate count(distinct a)", "APPROXIMATE COUNT"),
        ("select regexp_substr(a, 'b')", "the function REGEXP_SUBSTR"),
        ("select a similar to 'b'", "SIMILAR TO"),
        ("select a not similar to 'b'", "SIMILAR TO"),
        ("select a ~ 'b'", "a regular expression"),
        ("select a !~ 'b'", "a regular expression"),
        ("with recursive n (i) as (select 1) select i from n", "WITH RECURSIVE"),
        ("select substring(a for 2)", "SUBSTRING without FROM"),
        ("select a::super", "data type super"),
        ("select date(a)", "type date as a function"),
        ("select date_trunc('fortnight', a)", "date part"),
        ("select * from stl_query", "system view stl_query"),
        ("select * from t join SVV_TABLES on true", "system view svv_tables"),
        ("select * from t, stl_query", "system view stl_query"),
    ],
)
def test_what_is_not_imitated_is_refused_by_name(sql: str, named: str) -> None:
    with pytest.raises(RedshiftError, match=f"{named}.* is not imitated"):
        rewritten(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select nvl2(a, 1)",
        "select dateadd(day, 1)",
        "select concat(a, b, c)",
        "select datediff(1, a, b)",
        "select nvl(a",
        "select substring()",
        "select * from t where a in (",
    ],
)
def test_a_call_with_the_wrong_arguments_is_refused(sql: str) -> None:
    with pytest.raises(RedshiftError):
        rewritten(sql)
