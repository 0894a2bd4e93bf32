"""The keys of objects in the staging bucket. They consist of ids alone, never of what a branch called its file."""


def extracted_rows_key(plan_id: str, file_id: str, part: int) -> str:
    """Name the canonical rows of a part: tab-separated, gzip, see docs/data-dictionary.md."""
    return f"extracted/{plan_id}/{file_id}/{part:05d}.tsv.gz"


def extract_rejects_key(plan_id: str, file_id: str) -> str:
    """Name the rows of a file that extract refused."""
    return f"rejects/{plan_id}/{file_id}/extract.csv.gz"


def transformed_key(plan_id: str, file_id: str, part: int, table: str) -> str:
    """Name one table's rows of a part; ``table`` is orders, order_items, dimensions or discounts."""
    return f"transformed/{plan_id}/{file_id}/{part:05d}/{table}.csv.gz"


def batch_rows_key(batch_id: str, table: str) -> str:
    """Name the rows of a stage table that the messages of one load carried."""
    return f"transformed/batches/{batch_id}/{table}.csv.gz"


def manifest_key(batch_id: str, table: str) -> str:
    """Name the list of the objects that one load copies into a stage table."""
    return f"transformed/batches/{batch_id}/{table}.json"


def transform_rejects_key(plan_id: str, file_id: str, part: int) -> str:
    """Name the rows of a part that transform refused."""
    return f"rejects/{plan_id}/{file_id}/{part:05d}.csv.gz"
