"""What a warehouse must refuse.

`REFUSALS`: SQL that PostgreSQL has and Redshift lacks, or that its documentation lists as unsupported.
`NOT_IMITATED`: SQL that Redshift has and only the local Redshift refuses, since the project does not use it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """A statement that is refused, after `setup` was run."""

    name: str
    statement: str
    setup: tuple[str, ...] = ()


REFUSED_QUERIES = tuple(
    Refusal(name, statement)
    for name, statement in {
        "distinct on": "select distinct on (branch) branch, amount from sales",
        "filter": "select count(*) filter (where amount > 1) from sales",
        "lateral": "select * from sales, lateral (select sales.amount) as l",
        "array constructor": "select array[1, 2]",
        "array subscript": "select (array_agg(amount))[1] from sales",
        "array_agg": "select array_agg(order_id) from sales",
        "string_agg": "select string_agg(order_id, ',') from sales",
        "generate_series with a table": "select i from generate_series(1, 3) as i, sales",
        "gen_random_uuid": "select gen_random_uuid()",
        "jsonb type": "select '{}'::jsonb",
        "jsonb operator": "select note -> 'a' from sales",
        "containment operator": "select 'a' @> 'b'",
        "uuid type": "select cast('00000000-0000-0000-0000-000000000000' as uuid)",
        "any of an array": "select count(*) from sales where quantity = any('{1,2}')",
        "for update": "select * from sales for update",
        "for share": "select * from sales for share",
        "tablesample": "select * from sales tablesample system (10)",
        "values as a table": "select * from (values (1), (2)) as v (a)",
        "values as a statement": "values (1)",
        "table as a statement": "table sales",
        "fetch first": "select * from sales fetch first 1 row only",
        "window clause": "select sum(amount) over w from sales window w as (partition by branch)",
        "running total without a frame": "select sum(quantity) over (order by ordered_at) from sales",
        "range frame": "select sum(quantity) over (order by ordered_at range unbounded preceding) from sales",
        "lag with a default": "select lag(quantity, 1, 0) over (order by ordered_at) from sales",
        "with that changes data": "with gone as (delete from sales returning *) select count(*) from gone",
        "concat of three": "select concat('a', 'b', 'c')",
        "unknown function": "select make_interval(days => 1)",
        "make_date": "select make_date(2026, 1, 1)",
        "system column": "select ctid from sales",
        "dollar-quoted string": "select $$a$$",
        "an unclosed string": "select 'a",
        "collate": 'select * from sales order by branch collate "C"',
        "leader-node function with a table": "select current_schema() from sales",
    }.items()
)

REFUSED_CHANGES = tuple(
    Refusal(name, statement)
    for name, statement in {
        "on conflict": "insert into sales (order_id) values ('a1') on conflict do nothing",
        "insert returning": "insert into sales select * from sales returning order_id",
        "delete returning": "delete from sales returning order_id",
        "with before insert": "with s as (select * from sales) insert into sales select * from s",
        "overriding": "insert into sales overriding system value select * from sales",
        "create index": "create index by_branch on sales (branch)",
        "create unique index": "create unique index by_branch on sales (branch)",
        "serial": "create table t (id serial)",
        "bigserial": "create table t (id bigserial)",
        "generated column": "create table t (a integer, b integer generated always as (a + 1) stored)",
        "check constraint": "create table t (a integer check (a > 0))",
        "table check constraint": "create table t (a integer, check (a > 0))",
        "exclusion constraint": "create table t (a integer, exclude (a with =))",
        "unlogged": "create unlogged table t (a integer)",
        "tablespace": "create table t (a integer) tablespace pg_default",
        "inherits": "create table t (a integer) inherits (sales)",
        "partition by": "create table t (a integer) partition by range (a)",
        "on commit": "create temp table t (a integer) on commit drop",
        "array column": "create table t (a integer[])",
        "uuid column": "create table t (a uuid)",
        "bytea column": "create table t (a bytea)",
        "jsonb column": "create table t (a jsonb)",
        "money column": "create table t (a money)",
        "a precision above 38": "create table t (a decimal(39, 2))",
        "VARCHAR above 65535": "create table t (a varchar(65536))",
        "a system column's name": "create table t (xmin integer)",
        "sequence": "create sequence s",
        "trigger": "create trigger t before insert on sales execute procedure f()",
        "rule": "create rule r as on insert to sales do nothing",
        "domain": "create domain d as integer",
        "type": "create type t as (a integer)",
        "extension": "create extension pgcrypto",
        "set not null": "alter table sales alter column note set not null",
        "change a type": "alter table sales alter column quantity type bigint",
        "lock mode": "lock table sales in share mode",
        "lock nowait": "lock table sales nowait",
        "savepoint": "savepoint s",
        "do block": "do 'begin end'",
        "listen": "listen sales",
        "notify": "notify sales",
        "explain analyze": "explain analyze select 1",
        "alter system": "alter system set work_mem to '1MB'",
        "unknown setting": "set work_mem to '1MB'",
        "copy to": "copy sales to stdout",
        "copy from stdin": "copy sales from stdin",
        "copy without a role": "copy sales from 's3://bucket/key' csv",
        "copy with an unknown word": (
            "copy sales from 's3://bucket/key' iam_role 'arn:aws:iam::123456789012:role/copy' csv header"
        ),
        "copy with PostgreSQL's options": "copy sales from 's3://bucket/key' with (format csv)",
        "too many bytes for VARCHAR": "insert into sales (order_id) values ('abcdefgh\u00e9')",
        "too many bytes though not too many characters": "update sales set note = repeat('\u00e9', 6)",
        "null in a primary key": "insert into sales (branch) values ('Leeds')",
    }.items()
)

REFUSED_CHANGES += (
    Refusal(
        "a letter of two bytes in CHAR",
        "insert into letters values ('\u00e9')",
        setup=("create table letters (a char(1))",),
    ),
)

REFUSALS = REFUSED_QUERIES + REFUSED_CHANGES

NOT_IMITATED = tuple(
    Refusal(name, statement)
    for name, statement in {
        "merge": """merge into sales using news on sales.order_id = news.order_id
            when matched then update set quantity = news.quantity
            when not matched then insert (order_id, quantity) values (news.order_id, news.quantity)""",
        "vacuum": "vacuum sales",
        "analyze": "analyze sales",
        "explain": "explain select count(*) from sales",
        "comment": "comment on table sales is 'orders'",
        "unload": "unload ('select * from sales') to 's3://bucket/key' iam_role default",
        "revoke": "revoke all on sales from somebody",
        "reset": "reset query_group",
        "a setting": "set query_group to 'load'",
        "case-sensitive names": "set enable_case_sensitive_identifier to true",
        "an isolation level": "begin isolation level serializable",
        "insert default values": "insert into sales default values",
        "materialized view": "create materialized view v as select 1 as a",
        "replace a view": "create or replace view v as select 2 as a",
        "a late-binding view": "create view v as select branch from public.sales with no schema binding",
        "a table from a query": "create temp table busy as select branch from sales",
        "a table like another": "create temp table same (like sales including defaults)",
        "a temporary table by its name": "create table #scratch (a integer)",
        "identity": "create table t (id bigint identity(1, 1))",
        "sort key of a column": "create table t (a integer sortkey)",
        "interleaved sort key": "create table t (a integer, b integer) interleaved sortkey (a, b)",
        "backup": "create table t (a integer) backup no",
        "drop a column": "alter table sales drop column note",
        "rename a table": "alter table sales rename to sold",
        "alter the distribution": "alter table sales alter diststyle all",
        "alter the size of a column": "alter table sales alter column note type varchar(20)",
        "a system view": "select * from stl_query",
    }.items()
)
