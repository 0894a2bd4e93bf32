"""The peers, in their own environment: ``.venv-peers/bin/python -m bench.peers.workloads NAME SOURCE TARGET``.

Each reads feed B as a skilled user of its library would, drops customer and card, and writes its tables. Imports are
part of what is measured, so each workload imports only its own library. Nothing of the pipeline is imported here.
"""

import json
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.peers.ending import note_ending

COLUMNS = ["time", "branch", "customer", "items", "total", "payment", "card"]
KEPT = ["time", "branch", "items", "total", "payment"]
TIME_FORMAT = "%d/%m/%Y %H:%M"
PASSWORD = "PEERS_PASSWORD"  # noqa: S105  the name of a variable


class WrongTotal(ValueError):
    """An order's items do not add up to its total."""


def pandas(source: Path, target: Path) -> None:
    """Read with the C parser, split baskets with vectorised string methods, write parquet."""
    import pandas as pd

    orders = pd.read_csv(source, header=None, names=COLUMNS, usecols=KEPT, dtype=str)
    orders["ordered_at"] = pd.to_datetime(orders.pop("time"), format=TIME_FORMAT)
    orders["pence"] = (orders.pop("total").astype(float) * 100).round().astype("int64")
    baskets = orders.pop("items").str.split(", ").explode()
    parts = baskets.str.rsplit(" - ", n=1, expand=True)
    items = pd.DataFrame(
        {
            "order_number": parts.index,
            "product": parts[0].to_numpy(),
            "pence": (parts[1].astype(float) * 100).round().astype("int64").to_numpy(),
        }
    )
    items = items.groupby(["order_number", "product", "pence"], sort=False).size().reset_index(name="quantity")
    sums = (items["pence"] * items["quantity"]).groupby(items["order_number"]).sum()
    if not sums.eq(orders["pence"]).all():
        raise WrongTotal
    orders.index.name = "order_number"
    orders.reset_index().to_parquet(target / "orders.parquet", index=False)
    items.to_parquet(target / "items.parquet", index=False)


def polars(source: Path, target: Path) -> None:
    """Read and split lazily on every processor, write parquet."""
    import polars as pl

    pence = (pl.col("price").cast(pl.Float64) * 100).round().cast(pl.Int64)
    orders = (
        pl.scan_csv(source, has_header=False, new_columns=COLUMNS, infer_schema=False)
        .select(KEPT)
        .with_row_index("order_number")
        .with_columns(
            pl.col("time").str.to_datetime(TIME_FORMAT).alias("ordered_at"),
            (pl.col("total").cast(pl.Float64) * 100).round().cast(pl.Int64).alias("pence"),
        )
        .drop("time", "total")
        .collect()
    )
    items = (
        orders.lazy()
        .select("order_number", pl.col("items").str.split(", "))
        .explode("items")
        .select(
            "order_number",
            pl.col("items").str.replace(r" - [^-]*$", "").alias("product"),
            pl.col("items").str.extract(r" - ([^-]*)$").alias("price"),
        )
        .with_columns(pence.alias("pence"))
        .group_by("order_number", "product", "pence")
        .agg(pl.len().alias("quantity"))
        .collect()
    )
    sums = items.group_by("order_number").agg((pl.col("pence") * pl.col("quantity")).sum().alias("sum"))
    if orders.join(sums, on="order_number", how="left").select((pl.col("sum") != pl.col("pence")).any()).item():
        raise WrongTotal
    orders.drop("items").write_parquet(target / "orders.parquet")
    items.write_parquet(target / "items.parquet")


def duckdb(source: Path, target: Path) -> None:
    """Do all of it in SQL on every processor, write parquet."""
    import duckdb as db

    database = db.connect()
    columns = ", ".join(f"'{column}': 'varchar'" for column in COLUMNS)
    database.execute(
        f"""create table read as select row_number() over () as order_number, branch, payment, items,
            strptime(time, '{TIME_FORMAT}') as ordered_at, (total::decimal(10, 2) * 100)::bigint as pence
        from read_csv(?, header = false, columns = {{{columns}}})""",  # noqa: S608  constants
        [str(source)],
    )
    database.execute(
        r"""create table items as select order_number, product, pence, count(*) as quantity
        from (select order_number, regexp_replace(item, ' - [^-]*$', '') as product,
                (regexp_extract(item, ' - ([^-]*)$', 1)::decimal(10, 2) * 100)::bigint as pence
            from (select order_number, unnest(string_split(items, ', ')) as item from read))
        group by all"""
    )
    wrong = database.execute(
        """select count(*) from read left join
        (select order_number, sum(pence * quantity) as pence from items group by all) sums using (order_number)
        where sums.pence is distinct from read.pence"""
    ).fetchall()
    if wrong != [(0,)]:
        raise WrongTotal
    database.execute(f"copy (select * exclude (items) from read) to '{target}/orders.parquet'")  # noqa: S608  our own folder
    database.execute(f"copy items to '{target}/items.parquet'")


def dlt_parquet(source: Path, target: Path) -> None:
    """Take the rows as they are through dlt's filesystem source, as Arrow tables, to parquet."""
    import dlt

    _dlt_run(source, target, dlt.destinations.filesystem(bucket_url=target.as_uri()), loader_file_format="parquet")


def dlt_postgres(source: Path, target: Path) -> None:
    """Take the rows as they are through dlt's filesystem source, as Arrow tables, to PostgreSQL by COPY.

    The target is a folder that holds the address of the database, without its password.
    """
    _dlt_run(source, target, _postgres(target), loader_file_format="csv")


def dlt_postgres_rows(source: Path, target: Path) -> None:
    """Do the same as dlt's documentation shows it first: `read_csv`, with pandas, and dlt's own defaults."""
    from dlt.sources.filesystem import read_csv

    reader = read_csv(chunksize=10_000, header=None, names=COLUMNS, usecols=KEPT, dtype=str)
    _dlt_run(source, target, _postgres(target), reader)


def _postgres(target: Path) -> Any:
    import dlt

    address = json.loads((target / "address.json").read_text(encoding="utf-8"))
    return dlt.destinations.postgres(credentials={**address, "password": os.environ[PASSWORD]})


def _arrow_tables() -> Any:
    from dlt.sources.filesystem import read_csv_duckdb

    columns = dict.fromkeys(COLUMNS, "varchar")
    reader = read_csv_duckdb(use_pyarrow=True, header=False, columns=columns, chunk_size=100_000)
    return reader.add_map(lambda table: table.select(KEPT))


def _dlt_run(source: Path, target: Path, destination: Any, reader: Any = None, **options: str) -> None:
    import dlt
    from dlt.sources.filesystem import filesystem

    folder, pattern = (source, "**/*.csv") if source.is_dir() else (source.parent, source.name)
    rows = filesystem(bucket_url=folder.resolve().as_uri(), file_glob=pattern) | (reader or _arrow_tables())
    pipeline = dlt.pipeline(
        "peers", destination=destination, dataset_name="peers", pipelines_dir=str(target / "pipelines")
    )
    pipeline.run(rows.with_name("orders"), write_disposition="replace", **options).raise_on_failed_jobs()


WORKLOADS: dict[str, Callable[[Path, Path], None]] = {
    workload.__name__: workload for workload in (pandas, polars, duckdb, dlt_parquet, dlt_postgres, dlt_postgres_rows)
}
PACKAGES = ("pandas", "polars", "duckdb", "dlt", "pyarrow")


if __name__ == "__main__":
    if sys.argv[1:] == ["versions"]:
        sys.stdout.write(json.dumps({name: version(name) for name in PACKAGES}))
    else:
        name, source, target = sys.argv[1:]
        WORKLOADS[name](Path(source), Path(target))
        note_ending(Path(target))
