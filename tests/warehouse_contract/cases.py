"""What a warehouse must answer: statements of Redshift's dialect, with the rows that the last of them returns.

Every case is a fact of Amazon Redshift's documentation, in other words. None was copied from a running Redshift, and
none has been run on one yet (README.md).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


def moment(*parts: int) -> datetime:
    """Build a timestamp without a time zone, as the warehouse has them."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


@dataclass(frozen=True)
class Answer:
    """Statements that are accepted. `rows` is what the last one returns; with None it is enough that it is accepted."""

    name: str
    statements: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...] | None = None


SALES = (
    """create table sales (
        order_id varchar(8) not null encode zstd,
        branch varchar(20) not null encode bytedict,
        amount decimal(10, 2) not null encode az64,
        quantity integer not null encode az64,
        ordered_at timestamp not null encode raw,
        note varchar(10) encode zstd,
        primary key (order_id)
    )
    diststyle key
    distkey (order_id)
    compound sortkey (ordered_at, order_id)""",
    """insert into sales (order_id, branch, amount, quantity, ordered_at, note) values
        ('a1', 'Leeds', 1.50, 1, '2026-01-01 09:00:00', null),
        ('a2', 'Leeds', 2.25, 2, '2026-01-01 23:59:00', 'x'),
        ('b1', 'York', 4.00, 3, '2026-02-28 00:00:00', ''),
        ('b2', 'York', 0.25, 4, '2026-12-31 12:30:45', 'caf\u00e9')""",
)


def scalar(name: str, expression: str, value: object) -> Answer:
    """Build the case of one expression without a table."""
    return Answer(name, (f"select {expression}",), ((value,),))


def column(name: str, query: str, *values: object) -> Answer:
    """Build the case of a query with one column."""
    return Answer(name, (query,), tuple((value,) for value in values))


TIMES = (
    scalar("dateadd counts in the part named", "dateadd(day, -1, timestamp '2026-03-01')", moment(2026, 2, 28)),
    scalar("dateadd takes short names of parts", "dateadd(hrs, 2, timestamp '2026-03-01')", moment(2026, 3, 1, 2)),
    scalar(
        "dateadd takes the part as a string", "dateadd('minute', 5, timestamp '2026-03-01')", moment(2026, 3, 1, 0, 5)
    ),
    scalar("dateadd of a date is a timestamp", "dateadd(month, 1, date '2026-01-15')", moment(2026, 2, 15)),
    scalar("dateadd of weeks", "dateadd(week, 2, date '2026-01-01')", moment(2026, 1, 15)),
    scalar("dateadd of quarters", "dateadd(qtr, 1, date '2026-01-01')", moment(2026, 4, 1)),
    scalar(
        "datediff counts boundaries, not hours",
        "datediff(day, timestamp '2026-01-01 23:59:00', timestamp '2026-01-02 00:01:00')",
        1,
    ),
    scalar("datediff of months", "datediff(month, date '2026-01-31', date '2026-02-01')", 1),
    scalar("datediff of quarters", "datediff(qtr, date '1998-07-01', date '2026-04-01')", 111),
    scalar("datediff of years", "datediff(year, date '2025-12-31', date '2026-01-01')", 1),
    scalar(
        "datediff backwards is negative", "datediff(hour, timestamp '2026-01-01 03:00', timestamp '2026-01-01')", -3
    ),
    scalar("datediff of weeks", "datediff(week, date '2009-01-01', date '2009-12-31')", 52),
    scalar("date_trunc of a timestamp", "date_trunc('month', timestamp '2026-05-17 10:20:30')", moment(2026, 5, 1)),
    scalar("date_trunc of a date is a timestamp", "date_trunc('year', date '2026-05-17')", moment(2026, 1, 1)),
    scalar("date_trunc of a week begins on Monday", "date_trunc('week', timestamp '2026-05-17')", moment(2026, 5, 11)),
    scalar("date_part of the day of the week counts from Sunday", "date_part(dow, timestamp '2026-05-17')", 0),
    scalar("date_part takes the part as a string", "date_part('hour', timestamp '2026-05-17 10:20:30')", 10),
    scalar("extract of a month", "extract(month from timestamp '2026-05-17')", 5),
    scalar("extract of the epoch", "extract(epoch from timestamp '1970-01-02')", 86400),
    scalar("extract of the day of the year", "extract(doy from date '2026-02-01')", 32),
    scalar("trunc of a timestamp is a date", "trunc(timestamp '2026-05-17 10:20:30')", date(2026, 5, 17)),
    scalar("last_day", "last_day(timestamp '2026-02-10 08:00:00')", date(2026, 2, 28)),
    scalar("add_months keeps the last day", "add_months(timestamp '2026-02-28', 1)", moment(2026, 3, 31)),
    scalar("date_part_year", "date_part_year(date '2026-02-10')", 2026),
    scalar("a cast to date", "cast('2026-02-10' as date)", date(2026, 2, 10)),
    scalar("a date plus days", "date '2026-02-10' + 20", date(2026, 3, 2)),
    scalar("a difference of dates is in days", "date '2026-03-01' - date '2026-02-01'", 28),
    scalar("an interval literal", "timestamp '2026-02-10' + interval '1 day'", moment(2026, 2, 11)),
    scalar(
        "to_char of a timestamp", "to_char(timestamp '2026-05-07 10:20:30', 'YYYY-MM-DD HH24:MI')", "2026-05-07 10:20"
    ),
    scalar("to_char names the day", "to_char(timestamp '2026-05-07', 'Dy')", "Thu"),
    scalar("to_date", "to_date('07 05 2026', 'DD MM YYYY')", date(2026, 5, 7)),
    scalar(
        "convert_timezone from UTC",
        "convert_timezone('Europe/London', timestamp '2026-07-01 12:00:00')",
        moment(2026, 7, 1, 13),
    ),
    scalar(
        "convert_timezone between two zones",
        "convert_timezone('America/New_York', 'Europe/London', timestamp '2026-01-01 12:00:00')",
        moment(2026, 1, 1, 17),
    ),
    scalar("getdate is today in UTC", "trunc(getdate()) = trunc(sysdate)", True),
)

EXPRESSIONS = (
    scalar("nvl", "nvl(cast(null as integer), 2)", 2),
    scalar("coalesce", "coalesce(cast(null as varchar(5)), 'a')", "a"),
    scalar("nvl2 with a value", "nvl2(1, 'some', 'none')", "some"),
    scalar("nvl2 with null", "nvl2(cast(null as integer), 'some', 'none')", "none"),
    scalar("decode", "decode(2, 1, 'one', 2, 'two', 'many')", "two"),
    scalar("decode finds null equal to null", "decode(cast(null as integer), null, 'null', 'other')", "null"),
    scalar("decode without a match is null", "decode(3, 1, 'one')", None),
    scalar("nullif", "nullif(1, 1)", None),
    scalar("greatest skips null", "greatest(1, null, 3)", 3),
    scalar("case", "case when 1 > 2 then 'a' else 'b' end", "b"),
    scalar("integer division truncates", "7 / 2", 3),
    scalar("modulo", "7 % 4", 3),
    scalar("a quotient of DECIMAL has four decimals", "cast(1.0 as decimal(2, 1)) / 3.0", Decimal("0.3333")),
    scalar(
        "a product of DECIMAL adds the scales",
        "cast(1.5 as decimal(4, 2)) * cast(2 as decimal(4, 1))",
        Decimal("3.000"),
    ),
    *(
        scalar(f"a product of DECIMAL and {kind}", f"cast(1.25 as decimal(8, 2)) * cast(3 as {kind})", Decimal("3.75"))
        for kind in ("smallint", "integer", "bigint")
    ),
    *(
        scalar(
            f"a product of {kind} and DECIMAL", f"cast(-3 as {kind}) * cast(1.25 as decimal(8, 2))", Decimal("-3.75")
        )
        for kind in ("smallint", "integer", "bigint")
    ),
    scalar("a product of DECIMAL and a text", "cast(1.25 as decimal(8, 2)) * '2'", Decimal("2.50")),
    scalar(
        "a product with the largest whole number",
        "cast(1000000000.123456789 as decimal(19, 9)) * 9223372036854775807",
        Decimal("9223372037993463702422480280.447103723"),
    ),
    scalar("round to pence", "round(2.345, 2)", Decimal("2.35")),
    scalar("ceil", "ceil(1.2)", 2),
    scalar("a cast rounds to the scale", "cast(1.256 as decimal(5, 2))", Decimal("1.26")),
    scalar("DECIMAL without a precision has no decimals", "cast(1.6 as decimal)", Decimal(2)),
    scalar("convert is a cast with its arguments swapped", "convert(integer, '12')", 12),
    scalar("the cast operator", "'3.5'::float8", 3.5),
    scalar("a cast to VARCHAR cuts", "cast('abcdef' as varchar(3))", "abc"),
    scalar("a cast to VARCHAR without a length keeps 256", "len(cast(repeat('a', 300) as varchar))", 256),
    scalar("len counts characters", "len('caf\u00e9')", 4),
    scalar("octet_length counts bytes", "octet_length('caf\u00e9')", 5),
    scalar("charindex looks for its first argument", "charindex('b', 'abc')", 2),
    scalar("strpos looks for its second", "strpos('abc', 'b')", 2),
    scalar("position", "position('c' in 'abc')", 3),
    scalar("substring", "substring('abcdef', 2, 3)", "bcd"),
    scalar("substring with keywords", "substring('abcdef' from 2 for 3)", "bcd"),
    scalar("trim on both sides", "trim(both 'x' from 'xxaxx')", "a"),
    scalar("btrim", "btrim('  a ')", "a"),
    scalar("lpad", "lpad('7', 3, '0')", "007"),
    scalar("left and right", "left('abc', 1) || right('abc', 1)", "ac"),
    scalar("split_part", "split_part('a,b,c', ',', 2)", "b"),
    scalar("replace", "replace('aba', 'a', 'x')", "xbx"),
    scalar("upper and lower know letters with accents", "upper('caf\u00e9') || lower('\u00c9')", "CAF\u00c9\u00e9"),
    scalar("initcap knows them too", "initcap('\u00e9t\u00e9')", "\u00c9t\u00e9"),
    scalar("a square root is a double", "round(sqrt(cast(2 as decimal(5, 2))) / 3, 6)", 0.471405),
    scalar("ilike", "'ABC' ilike 'a%'", True),
    scalar("comparison is case-sensitive", "'Hot Chocolate' = 'Hot chocolate'", False),
    scalar("concat takes two", "concat('a', 'b')", "ab"),
    scalar("concat with null is null", "concat('a', cast(null as varchar(5)))", None),
    scalar("md5 begins", "left(md5('abc'), 8)", "90015098"),
    scalar("sha2 of 256 bits begins", "left(sha2('abc', 256), 8)", "ba7816bf"),
    scalar("strtol reads any base", "strtol('ff', 16)", 255),
    scalar("a backslash escapes in a string", r"len('a\\b')", 3),
    scalar("a backslash before a quote escapes it", r"'it\'s'", "it's"),
    scalar("names in quotes are folded to lower case", '"Value" from (select 1 as value) as inner_query', 1),
    scalar("a reserved word is a name in quotes", '"tag" from (select 1 as "tag") as inner_query', 1),
    scalar("comments nest", "/* one /* two */ still */ 1", 1),
)

QUERIES = (
    column("avg of integers is an integer", "select avg(quantity) from sales", 2),
    column("avg of DECIMAL keeps the scale", "select avg(amount) from sales where amount < 4", Decimal("1.33")),
    column("sum keeps the scale", "select sum(amount) from sales", Decimal("8.00")),
    column("a variance is a double", "select round(var_pop(distinct quantity) / 3, 6) from sales", 0.416667),
    column("a power is a double", "select round(power(amount, 2) / 7, 6) from sales where order_id = 'a1'", 0.321429),
    column("count of distinct", "select count(distinct branch) from sales", 2),
    column("bool_or", "select bool_or(quantity > 3) from sales", True),
    Answer(
        "group by position, having, order by",
        ("select branch, sum(quantity) as sold from sales group by 1 having sum(quantity) > 3 order by sold desc",),
        (("York", 7),),
    ),
    Answer(
        "group by the alias of an expression",
        ("select date_trunc('month', ordered_at) as month, count(*) from sales group by month order by month limit 1",),
        ((moment(2026, 1, 1), 2),),
    ),
    Answer(
        "row_number by partition",
        (
            """select order_id from (
                select order_id, row_number() over (partition by branch order by amount desc) as place from sales
            ) as ranked where place = 1 order by order_id""",
        ),
        (("a2",), ("b1",)),
    ),
    column(
        "a running total with its frame",
        "select sum(quantity) over (order by ordered_at rows unbounded preceding) from sales order by ordered_at",
        *(1, 3, 6, 10),
    ),
    column(
        "a share of the whole",
        "select quantity * 100 / sum(quantity) over () from sales order by quantity",
        *(10, 20, 30, 40),
    ),
    column("lag", "select lag(quantity, 1) over (order by ordered_at) from sales order by ordered_at", None, 1, 2, 3),
    column(
        "first_value with its frame",
        """select distinct first_value(order_id) over (
            partition by branch order by ordered_at rows between unbounded preceding and unbounded following
        ) as first_order from sales order by first_order""",
        *("a1", "b1"),
    ),
    column("ntile", "select ntile(2) over (order by quantity) from sales order by quantity", 1, 1, 2, 2),
    Answer(
        "common table expressions with names for their columns",
        (
            """with totals (place, amount) as (select branch, sum(amount) from sales group by branch),
            best as (select max(amount) as amount from totals)
            select totals.place from totals inner join best on best.amount = totals.amount""",
        ),
        (("York",),),
    ),
    column(
        "an anti-join",
        """select s.order_id from sales as s left join (select 'a1' as order_id) as known
            on known.order_id = s.order_id where known.order_id is null order by 1 limit 1""",
        "a2",
    ),
    column(
        "not exists", "select count(*) from sales as s where not exists (select 1 from sales where branch = 'Bath')", 4
    ),
    column(
        "a row in a subquery", "select count(*) from sales where (branch, note) in (select branch, note from sales)", 3
    ),
    column("a column with a function's name", "select version from (select 1 as version from sales) as v limit 1", 1),
    column("a union of queries in parentheses", "select max(a) from ((select 1 as a) union (select 2)) as u", 2),
    column("in a subquery", "select count(*) from sales where amount in (select max(amount) from sales)", 1),
    column("union all and except", "select branch from sales except select 'York'", "Leeds"),
    column("an empty string is not null", "select count(*) from sales where note = ''", 1),
    column("nulls come last", "select note from sales where branch = 'Leeds' order by note", "x", None),
    column("limit and offset", "select order_id from sales order by order_id limit 1 offset 2", "b1"),
    column("like with an escape", r"select count(*) from sales where note like '%\\_%'", 0),
    column("grouping sets", "select count(*) from (select branch from sales group by rollup (branch)) as r", 3),
    Answer(
        "select into a temporary table",
        ("select branch into temp table copied from sales", "select count(*) from copied"),
        ((4,),),
    ),
    column("the catalogue of columns", "select count(*) from information_schema.columns where table_name = 'sales'", 6),
)

CHANGES = (
    Answer(
        "keys are not enforced",
        (
            "create table keyed (id integer, name varchar(5) unique, primary key (id))",
            "insert into keyed values (1, 'a'), (1, 'a')",
            "select count(*) from keyed",
        ),
        ((2,),),
    ),
    Answer(
        "a declared key has a name",
        (
            "create table named (id integer not null, other integer, primary key (id))",
            """select constraint_name, constraint_type from information_schema.table_constraints
                where table_name = 'named'""",
        ),
        (("named_pkey", "PRIMARY KEY"),),
    ),
    Answer(
        "drop a key",
        (
            "create table named (id integer not null, primary key (id))",
            "insert into named values (1), (1)",
            "alter table named drop constraint named_pkey",
            "select distinct id from named",
        ),
        ((1,),),
    ),
    Answer(
        "references are not enforced",
        (
            "create table parents (id integer primary key)",
            """create table children (
                parent integer references parents (id),
                own integer references children (parent),
                foreign key (parent) references parents
            )""",
            "insert into children values (7, 8)",
            "select parent from children",
        ),
        ((7,),),
    ),
    Answer(
        "attributes of columns",
        (
            """create table attributed (
                id bigint not null encode raw,
                at timestamp default sysdate,
                day date default trunc(getdate()) encode az64,
                flag boolean default true not null
            )""",
            "insert into attributed (id, flag) values (1, false), (2, default)",
            "select count(*) from attributed where at is not null and day is not null",
        ),
        ((2,),),
    ),
    Answer("TEXT is VARCHAR(256)", ("create table texts (a text)", "insert into texts values (repeat('a', 256))")),
    Answer("the longest VARCHAR", ("create table longest (a varchar(max))", "insert into longest values ('a')")),
    Answer("create table if not exists", ("create table if not exists sales (a integer)",)),
    Answer(
        "a temporary table",
        (
            "create temp table busy (branch varchar(20)) diststyle key distkey (branch) sortkey (branch)",
            "insert into busy select branch from sales",
            "select count(*) from busy",
        ),
        ((4,),),
    ),
    Answer(
        "insert from a query with common table expressions",
        (
            "create table branches (name varchar(20))",
            "insert into branches (name) with names as (select distinct branch from sales) select branch from names",
            "select count(*) from branches",
        ),
        ((2,),),
    ),
    Answer(
        "update from another table",
        (
            """update sales set note = s.branch from (select order_id, branch from sales) as s
            where s.order_id = sales.order_id""",
            "select count(*) from sales where note = branch",
        ),
        ((4,),),
    ),
    Answer(
        "delete using another table",
        (
            "delete from sales using (select 'York' as name) as gone where sales.branch = gone.name",
            "select count(*) from sales",
        ),
        ((2,),),
    ),
    Answer("delete without from", ("delete sales where branch = 'York'", "select count(*) from sales"), ((2,),)),
    Answer(
        "add a column",
        ("alter table sales add column extra varchar(5) default 'a'", "select count(extra) from sales"),
        ((4,),),
    ),
    Answer(
        "rename a column",
        ("alter table sales rename column note to remark", "select count(remark) from sales"),
        ((3,),),
    ),
    Answer(
        "a view",
        (
            "create view by_branch as select branch, count(*) as orders from sales group by branch",
            "select sum(orders) from by_branch",
        ),
        ((4,),),
    ),
    Answer(
        "drop several tables",
        ("create table one (a integer)", "create table two (a integer)", "drop table if exists one, two, three"),
    ),
    Answer(
        "a cursor in a read-only transaction",
        (
            "begin read only",
            "declare found cursor for select order_id from sales order by order_id",
            "fetch forward 2 from found",
            "fetch next from found",
            "close found",
            "declare found cursor for with s as (select branch from sales) select count(*) from s",
            "fetch all from found",
        ),
        ((4,),),
    ),
    Answer("lock a table", ("begin", "lock sales", "lock table sales", "commit")),
    Answer("settings of the session", ("set statement_timeout to 60000", "show statement_timeout")),
)

ANSWERS = TIMES + EXPRESSIONS + QUERIES + CHANGES
