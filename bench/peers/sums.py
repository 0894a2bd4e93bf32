"""Sum up what a run wrote, in the peers' environment: ``.venv-peers/bin/python -m bench.peers.sums KIND FOLDER``.

Prints orders, items, the items' pence, and the orders' pence by café and day. Runs that print the same did the same.
What a peer leaves out is null.
"""

import json
import sys
from pathlib import Path

# Each gives orders (branch, day, pence) and, if the run splits baskets, items (quantity, pence).
STAGED = """
    create view names as select distinct id, name from read_csv('{folder}/**/dimensions.csv.gz', header = false,
        all_varchar = true, names = ['kind', 'id', 'name', 'size', 'flavour']) where kind = 'branch';
    create view orders as select name as branch, ordered_at[:10] as day,
            (total::decimal(10, 2) * 100)::bigint as pence
        from read_csv('{folder}/**/orders.csv.gz', header = false, all_varchar = true,
            names = ['order_id', 'file_id', 'branch_id', 'ordered_at', 'payment', 'total'])
        join names on branch_id = id;
    create view items as select quantity::bigint as quantity, (price::decimal(10, 2) * 100)::bigint as pence
        from read_csv('{folder}/**/order_items.csv.gz', header = false, all_varchar = true,
            names = ['order_id', 'product_id', 'price', 'quantity']);
"""
PARQUET = """
    create view orders as select branch, strftime(ordered_at, '%Y-%m-%d') as day, pence
        from '{folder}/orders.parquet';
    create view items as select quantity, pence from '{folder}/items.parquet';
"""
DLT = """
    create view orders as select branch, strftime(strptime(time, '%d/%m/%Y %H:%M'), '%Y-%m-%d') as day,
            (total::decimal(10, 2) * 100)::bigint as pence
        from read_parquet('{folder}/peers/orders/*.parquet');
    create view items as select null::bigint as quantity, null::bigint as pence;
"""
KINDS = {"staged": STAGED, "parquet": PARQUET, "dlt": DLT}


def sums(kind: str, folder: Path) -> dict[str, object]:
    """Sum up the tables in a folder."""
    import duckdb

    database = duckdb.connect()
    database.execute(KINDS[kind].format(folder=folder))
    days = database.execute(
        "select branch, day, count(*), sum(pence)::bigint from orders group by all order by all"
    ).fetchall()
    ((items, pence),) = database.execute(
        "select sum(quantity)::bigint, sum(quantity * pence)::bigint from items"
    ).fetchall()
    return {
        "orders": sum(row[2] for row in days),
        "items": items,
        "item_pence": pence,
        "days": {f"{branch} {day}": [orders, total] for branch, day, orders, total in days},
    }


if __name__ == "__main__":
    kind, folder = sys.argv[1:]
    sys.stdout.write(json.dumps(sums(kind, Path(folder))))
