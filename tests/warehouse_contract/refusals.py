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
        "a function in the list of tables": "select count(*) from sales, upper('a') as letter",
        "a value as a table": "select * from current_user",
        "a subquery in FROM without a name": "select count(*) from (select branch from sales)",
        "a joined subquery without a name": """select count(*) from sales
            inner join (select 'York' as branch) on true""",
        "a name for the columns of USING": "select count(*) from sales inner join sales as t using (order_id) as j",
        "a table with its children": "select count(*) from sales *",
        "no columns": "select from sales",
        "a limit from a subquery": "select order_id from sales limit (select 2)",
        "a limit by an expression": "select order_id from sales limit 1 + 1",
        "no limit by null": "select order_id from sales limit null",
        "rows after offset": "select order_id from sales offset 1 rows",
        "group by distinct": "select count(*) from sales group by distinct rollup (branch, note)",
        "grouping of two": "select grouping(branch, note) from sales group by rollup (branch, note)",
        "order by in an aggregate": "select sum(amount order by amount) from sales",
        "a ranking with a frame": "select row_number() over (order by amount rows unbounded preceding) from sales",
        "bool_or in a window": "select bool_or(amount > 1) over (partition by branch) from sales",
        "any_value in a window": "select any_value(amount) over (partition by branch) from sales",
        "leader-node function without parentheses": "select current_schema from sales",
        "current_catalog": "select current_catalog",
        "current_role": "select current_role",
        "to_timestamp of seconds": "select to_timestamp(1)",
        "random between two": "select random(1, 10)",
        "a setting that may be missing": "select current_setting('statement_timeout', true)",
        "trim with a comma": "select trim('xax', 'x')",
        "a reserved word as a name": "select count(*) as open from sales",
        "a reserved word as a table's name": "select new.branch from sales new",
        "dollar-quoted string": "select $$a$$",
        "an unclosed string": "select 'a",
        "collate": 'select * from sales order by branch collate "C"',
        "leader-node function with a table": "select current_schema() from sales",
        "leader-node function with a second table": "select current_schema() from (select 1 as a) as one, sales",
        "leader-node table with a table": "select count(*) from sales inner join pg_class on relname = branch",
        "leader-node table in a list": "select count(*) from sales, pg_catalog.pg_class",
        "leader-node table in a subquery": "select count(*) from sales where branch in (select relname from pg_class)",
        "two orderings within groups": """select percentile_cont(0.5) within group (order by amount),
            percentile_cont(0.5) within group (order by quantity) from sales""",
        "median beside count of distinct": "select median(amount), count(distinct branch) from sales",
        "recursion without names for its columns": """with recursive n as (
            select 1 as i union all select i + 1 from n where i < 3) select i from n""",
        "recursion with union": """with recursive n (i) as (
            select 1 union select i + 1 from n where i < 3) select i from n""",
        "look-ahead in a pattern": "select regexp_replace('ab', 'a(?=b)', 'x')",
        "look-ahead in a pattern operator": "select 'ab' ~ 'a(?=b)'",
        "a pattern in substring": "select substring(branch from '^L') from sales",
        "a boolean as text": "select cast(amount > 1 as varchar(5)) from sales",
        "a boolean as text, by the operator": "select (amount > 1)::varchar(5) from sales",
        "a boolean as text without a row": "select cast(amount > 1 as varchar(5)) from sales where branch = 'Bath'",
        "a boolean joined to text": "select branch || (amount > 1) from sales",
        "a product with more than 38 digits": """select cast('9000000000000000000' as decimal(19, 0))
            * cast('9000000000000000000' as decimal(19, 0)) * cast(10 as decimal(2, 0))""",
        "a product with a whole number of more than 38 digits": """select
            cast('99999999999999999999' as decimal(20, 0)) * cast('9223372036854775807' as bigint)""",
    }.items()
)

# Patterns of Redshift's guide, "Correlated subqueries", and what follows from them. The local Redshift refuses every
# correlated subquery.
REFUSED_SUBQUERIES = tuple(
    Refusal(name, statement)
    for name, statement in {
        "a subquery in ON that names the joined table": """select s.order_id from sales as s left join sales as t
            on t.order_id = s.order_id
            and t.amount = (select max(u.amount) from sales as u where u.branch = t.branch)""",
        "a subquery in ON that names the outer table": """select s.order_id from sales as s inner join sales as t
            on t.order_id = s.order_id
            and exists (select 1 from sales as u where u.branch = s.branch and u.amount > 1)""",
        "a correlation over two levels": """select s.order_id from sales as s where not exists (
            select 1 from sales as t where not exists (select 1 from sales as u where u.branch = s.branch))""",
        "a correlation under or": """select s.order_id from sales as s where s.amount > 3
            or exists (select 1 from sales as t where t.branch = s.branch and t.amount > s.amount)""",
        "a correlated subquery with a limit": """select s.order_id, (
            select t.amount from sales as t where t.branch = s.branch order by t.amount limit 1) from sales as s""",
        "a correlation with a window function": """select s.order_id from sales as s where s.quantity not in (
            select sum(t.quantity) over () from sales as t where t.branch = s.branch)""",
    }.items()
)

REFUSED_CHANGES = tuple(
    Refusal(name, statement)
    for name, statement in {
        "on conflict": "insert into sales (order_id) values ('a1') on conflict do nothing",
        "insert returning": "insert into sales select * from sales returning order_id",
        "delete with an alias": "delete from sales as s where s.branch = 'York'",
        "delete with an alias and using": "delete from sales s using sales t where s.order_id = t.order_id",
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
        "null and not null": "create table t (a integer null not null)",
        "not null and null": "create table t (a integer not null null)",
        "a reserved word as a column's name": "create table t (percent integer)",
        "a keyword as a column's name": "create table t (timestamp timestamp)",
        "a reserved word as an added column's name": "alter table sales add column tag varchar(5)",
        "a password of small letters": "create user somebody password 'made-up-for-tests'",
        "a short password": "create user somebody password 'Short-1'",
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
        "a boolean into a text": "update sales set note = amount > 1",
        "a text encoding of a number": "create table t (a integer encode text255)",
        "a number's encoding of a text": "create table t (a varchar(5) encode az64)",
        "a dictionary of booleans": "create table t (a boolean encode bytedict)",
        "delta of a text": "create table t (a varchar(5) encode delta)",
        "distribution key and even": "create table t (a integer) diststyle even distkey (a)",
        "distribution key and all": "create table t (a integer) diststyle all distkey (a)",
        "distribution by a key that is not named": "create table t (a integer) diststyle key",
        "two distribution keys": "create table t (a integer, b integer) distkey (a) distkey (b)",
        "a distribution key of two columns": "create table t (a integer, b integer) distkey (a, b)",
        "a distribution key that is no column": "create table t (a integer) distkey (b)",
        "two sort keys": "create table t (a integer, b integer) sortkey (a) sortkey (b)",
        "a sort key that is no column": "create table t (a integer) sortkey (b)",
        "a column twice in a sort key": "create table t (a integer) sortkey (a, a)",
        "a column twice": "create table t (a integer, a integer)",
        "two primary keys": "create table t (a integer primary key, b integer, primary key (b))",
        "a unique column that is none": "create table t (a integer, unique (b))",
        "a foreign key that is no column": "create table t (a integer, foreign key (b) references sales (order_id))",
        "a reference to no table": "create table t (a integer references nothing (a))",
        "a reference to no column": "create table t (a varchar(8) references sales (nothing))",
        "a foreign key to no table": "create table t (a integer, foreign key (a) references nothing)",
        "a reference to a column of another type": "create table t (a timestamp references sales (order_id))",
        "a reference to too many columns": """create table t (
            a varchar(8), foreign key (a) references sales (order_id, branch))""",
        "a reference to no column of the same table": "create table t (a integer references t (b))",
        "drop the distribution key": "alter table sales drop column order_id",
        "drop a sort key": "alter table sales drop column ordered_at",
        "add a primary key's column": "alter table sales add column extra integer default 0 primary key",
        "add a unique column": "alter table sales add column extra integer unique",
        "add a column that refers": "alter table sales add column extra varchar(8) references sales (order_id)",
        "update without an equal join": """update sales set note = 'x' from (select 'York' as name) as u
            where sales.branch > u.name""",
        "update without a join": "update sales set note = 'x' from (select 'York' as name) as u",
        "update joined under or": """update sales set note = 'x' from (select 'York' as name) as u
            where sales.branch = u.name or u.name = 'Bath'""",
        "delete without an equal join": """delete from sales using (select 'York' as name) as u
            where sales.branch <> u.name""",
        "delete without a join": "delete from sales using (select 'York' as name) as u where u.name = 'York'",
        "update from a leader-node table": """update sales set note = 'x' from pg_class
            where sales.branch = pg_class.relname""",
        "delete using a leader-node table": "delete from sales using pg_class where sales.branch = pg_class.relname",
    }.items()
)

REFUSED_CHANGES += (
    Refusal(
        "a letter of two bytes in CHAR",
        "insert into letters values ('\u00e9')",
        setup=("create table letters (a char(1))",),
    ),
)

REFUSED_CHANGES += (
    Refusal(
        "change a size inside a transaction",
        "alter table sales alter column note type varchar(20)",
        setup=("begin",),
    ),
    *(
        Refusal(name, statement, setup=("create table notes (note varchar(512))",))
        for name, statement in {
            "add a column that is not null": "alter table notes add column extra integer not null",
            "add a column with null for not null": "alter table notes add column extra integer default null not null",
            "insert from a leader-node table": "insert into notes select relname from pg_class",
            "insert from a leader-node function": "insert into notes select current_schema()",
            "insert from the catalogue of columns": """insert into notes
                select column_name from information_schema.columns""",
        }.items()
    ),
)

REFUSED_IN_TRANSACTIONS = (
    *(
        Refusal(f"{statement.split()[0]} in a read-only transaction", statement, setup=("begin read only",))
        for statement in (
            "insert into sales select * from sales",
            "update sales set note = 'x'",
            "delete from sales",
            "create table notes (note varchar(512))",
            "drop table sales",
            "alter table sales add column extra integer",
        )
    ),
    Refusal("a cursor outside a transaction", "declare found cursor for select 1"),
    *(
        Refusal(name, statement, setup=("begin", "declare found cursor for select order_id from sales"))
        for name, statement in {
            "two cursors at once": "declare another cursor for select 1",
            "a cursor that goes back": "fetch backward 1 from found",
            "a count without a direction": "fetch 5 from found",
            "a cursor to move": "move next from found",
        }.items()
    ),
    *(
        Refusal(name, statement, setup=("begin",))
        for name, statement in {
            "a cursor that scrolls": "declare found scroll cursor for select 1",
            "a cursor that stays": "declare found cursor with hold for select 1",
            "a cursor that stores": "declare found cursor for select 1 as a into notes",
            "a cursor on a change": "declare found cursor for delete from sales",
            "a cursor that nobody declared": "fetch next from found",
        }.items()
    ),
)

REFUSALS = REFUSED_QUERIES + REFUSED_SUBQUERIES + REFUSED_CHANGES + REFUSED_IN_TRANSACTIONS

NOT_IMITATED = tuple(
    Refusal(name, statement)
    for name, statement in {
        "merge": """merge into sales using news on sales.order_id = news.order_id
            when matched then update set quantity = news.quantity
            when not matched then insert (order_id, quantity) values (news.order_id, news.quantity)""",
        "having without group by": "select count(*) from sales having count(*) > 0",
        "having without group by in a union": """select 0 union all select count(*) from sales having count(*) > 0
            union all select quantity from sales group by quantity""",
        "having without group by in a subquery": """select c from (
            select count(*) as c from sales having count(*) > 0) as counted group by c""",
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
        "a transaction that says that it writes": "begin read write",
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
        "a correlated subquery": """select s.order_id from sales as s
            where s.amount = (select max(t.amount) from sales as t where t.branch = s.branch)""",
        "a correlated subquery without names of tables": """select order_id from sales
            where exists (select 1 from (select 1 as a) as one where a = quantity)""",
        "a subquery in ON": """select s.order_id from sales as s left join sales as t
            on t.order_id = s.order_id and t.amount > (select min(u.amount) from sales as u)""",
        "a subquery in ON of an inner join": """select s.order_id from sales as s inner join sales as t
            on t.order_id = s.order_id and t.branch in (select u.branch from sales as u) where s.amount > 1""",
        "a subquery deep in ON": """select s.order_id from sales as s left join sales as t
            on (t.order_id = s.order_id and (t.amount > 1 or t.amount = (select 1))) left join sales as v
            on v.order_id = s.order_id""",
        "a subquery in ON of a joined query": """select s.order_id from sales as s inner join (
            select t.order_id from sales as t left join sales as u
            on u.order_id = t.order_id and exists (select 1 from sales)) as v on v.order_id = s.order_id""",
        "a row as a value": "select (1, 2)",
        "a count of rows of values": "select count(distinct (branch, note)) from sales",
        "an order of rows": "select count(*) from sales where (branch, note) > ('a', 'b')",
        "infinity": "select count(*) from sales where ordered_at < 'infinity'",
        "not a number": "select cast('NaN' as decimal(5, 2))",
        "the left of a negative length": "select left(branch, -1) from sales",
        "the right of a negative length": "select right(branch, -1) from sales",
        "a part from the end": "select split_part(branch, 'e', -1) from sales",
        "median": "select median(amount) from sales",
        "percentile_cont": "select percentile_cont(0.5) within group (order by quantity) from sales",
        "listagg": "select listagg(order_id, ',') within group (order by order_id) from sales",
        "approximate count": "select approximate count(distinct branch) from sales",
        "regexp_replace": "select regexp_replace('a1b22', '[0-9]+', '-')",
        "similar to": "select 'abc' similar to 'a%c'",
        "a pattern operator": "select 'abc' ~ '^a'",
        "a recursive query": """with recursive n (i) as (
            select 1 union all select i + 1 from n where i < 3) select i from n""",
        "with before delete": """with gone as (select 'York' as name)
            delete from sales using gone where sales.branch = gone.name""",
        "an encoding of text": "create table t (a varchar(5) encode text255)",
    }.items()
)
