"""Declared keys are believed, as by Redshift's planner: a query that trusts one does not see a row that breaks it.

Redshift's guide (Table constraints) says that it may be so, not for which queries, so that these are no cases of the
contract.
"""

from collections.abc import Iterator

import pytest
from redshift_connector.core import Connection

from fixtures.warehouse import Warehouse
from integration.local_redshift.sessions import Rows, run

BRANCHES = "(id integer not null{}, name varchar(5) not null)"
ORDERS = "(id integer not null{}, branch integer not null{}, amount integer)"


@pytest.fixture
def session(empty_warehouse: Warehouse) -> Iterator[Connection]:
    """Tables with keys in `kept`, and the same without in `plain`: order 1 twice, order 2 of no branch."""
    connection = empty_warehouse.connect(autocommit=True)
    for schema, key, reference in (
        ("kept", " primary key", " references kept.branches (id)"),
        ("plain", "", ""),
    ):
        run(connection, f"create schema {schema}")
        run(connection, f"create table {schema}.branches {BRANCHES.format(key)}")
        run(connection, f"create table {schema}.orders {ORDERS.format(key, reference)}")
        run(connection, f"insert into {schema}.branches values (1, 'a')")  # noqa: S608
        run(connection, f"insert into {schema}.orders values (1, 1, 5), (1, 1, 5), (2, 9, 5)")  # noqa: S608
    yield connection
    connection.close()


CASES = {
    "distinct": ("select distinct id from {}.orders order by id", ((1,), (1,), (2,)), ((1,), (2,))),
    "count of distinct": ("select count(distinct o.id) from {}.orders as o", ((3,),), ((2,),)),
    "groups of more than one": (
        "select id, count(*) from {}.orders group by id having count(*) > 1",
        (),
        ((1, 2),),
    ),
    "groups of more than one, with an alias and more columns": (
        "select o.branch, o.id as one from {}.orders as o group by o.branch, o.id having count(o.id) <> 1",
        (),
        ((1, 1),),
    ),
    "an anti-join by a reference": (
        """select o.id from {0}.orders as o left join {0}.branches as b on b.id = o.branch where b.id is null""",
        (),
        ((2,),),
    ),
    "a join by a reference that nothing uses": (
        "select count(*) from {0}.orders as o inner join {0}.branches as b on o.branch = b.id",
        ((3,),),
        ((2,),),
    ),
    "a left join by a key that nothing uses": (
        """select count(*) from {0}.orders as one left join {0}.orders as two on two.id = one.id""",
        ((3,),),
        ((5,),),
    ),
    "in a subquery": (
        "select count(*) from (select distinct id from {}.orders) as ids",
        ((3,),),
        ((2,),),
    ),
    "in one part of a union": (
        "select 0 as id union all select id from {}.orders group by id having count(*) > 1",
        ((0,),),
        ((0,), (1,)),
    ),
    "in a common table": (
        "with ids as (select distinct id from {}.orders) select count(*) from ids",
        ((3,),),
        ((2,),),
    ),
    "with another table joined by its key": (
        """select distinct o.id from {0}.orders as o inner join {0}.branches as b on b.id = o.branch
            and b.name = 'a' order by 1""",
        ((1,), (1,)),
        ((1,),),
    ),
}


@pytest.mark.parametrize(("sql", "believed", "true"), CASES.values(), ids=CASES)
def test_a_declared_key_is_believed(session: Connection, sql: str, believed: Rows, true: Rows) -> None:
    assert run(session, sql.format("kept")) == believed
    assert run(session, sql.format("plain")) == true


@pytest.mark.parametrize(
    "sql",
    [
        "select distinct branch from {}.orders order by branch",
        "select branch, count(*) from {}.orders group by branch having count(*) > 1",
        "select count(distinct branch) from {}.orders",
        """select count(*) from {0}.orders as o inner join {0}.branches as b on b.id = o.branch and b.name = 'a'""",
        """select count(*), max(b.name) from {0}.orders as o inner join {0}.branches as b on b.id = o.branch""",
        """select count(*) from {0}.orders as o left join {0}.branches as b on b.id = o.branch or o.amount = 5""",
        """select count(*), max(two.amount) from {0}.orders as one left join {0}.orders as two
            on two.id = one.id""",
        """select distinct o.id from {0}.orders as o cross join {0}.branches as b order by 1""",
        "select count(*) from {}.orders where id = 1",
    ],
)
def test_what_no_key_implies_is_left_as_it_is(session: Connection, sql: str) -> None:
    assert run(session, sql.format("kept")) == run(session, sql.format("plain"))


def test_an_expression_around_the_key_hides_it(session: Connection) -> None:
    sql = "select id + 0 from kept.orders group by id + 0 having count(*) > 1"

    assert run(session, sql) == ((1,),)


def test_a_key_is_listed_and_can_be_dropped(session: Connection) -> None:
    sql = """select table_name, constraint_name, constraint_type from information_schema.table_constraints
        where table_schema = 'kept' order by constraint_name"""

    assert run(session, sql) == (
        ("branches", "branches_pkey", "PRIMARY KEY"),
        ("orders", "orders_branch_fkey", "FOREIGN KEY"),
        ("orders", "orders_pkey", "PRIMARY KEY"),
    )

    run(session, "alter table kept.orders drop constraint orders_pkey")

    assert run(session, "select distinct id from kept.orders order by id") == ((1,), (2,))


def test_a_new_session_and_a_prepared_statement_believe_too(session: Connection, empty_warehouse: Warehouse) -> None:
    other = empty_warehouse.connect()

    sql = "select distinct id from kept.orders where id < %s"

    assert run(other, sql, (2,)) == ((1,), (1,))
    assert run(other, sql, (2,)) == ((1,), (1,))
    run(session, "select 1")


def test_a_reader_of_a_view_needs_usage_of_the_schemas_behind_it(
    session: Connection, empty_warehouse: Warehouse
) -> None:
    for statement in (
        "create schema shown",
        "create view shown.inner_view as select id from plain.orders",
        "create view shown.orders as select id from shown.inner_view",
        "create user reader password 'Made-up-for-tests-1'",
        "grant usage on schema shown to reader",
        "grant select on all tables in schema shown to reader",
    ):
        run(session, statement)
    reader = empty_warehouse.connect(autocommit=True, user="reader", password="Made-up-for-tests-1")
    query = "select count(*) from shown.orders"

    try:
        with pytest.raises(Exception, match="permission denied for schema plain"):
            run(reader, query)
        with pytest.raises(Exception, match="permission denied for schema plain"):
            run(reader, "with o as (select 1 as a) select * from o where 1 in (select 1 from shown.orders)")

        run(session, "grant usage on schema plain to reader")

        assert run(reader, query) == ((3,),)
        with pytest.raises(Exception, match="permission denied for table orders"):
            run(reader, "select count(*) from plain.orders")
    finally:
        reader.close()
        run(session, "drop schema shown cascade")
        run(session, "drop schema plain cascade")
        run(session, "drop user reader")
