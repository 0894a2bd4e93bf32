"""The questions that boards ask the warehouse, one a file.

Column names are lower-case and unquoted: Redshift folds quoted ones too, so boards give them their titles.
"""

from importlib.resources import files


def statement(name: str) -> str:
    """Read a query by its file's name without ``.sql``, and without the comment that heads it."""
    lines = files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def first(name: str, order: str, rows: int) -> str:
    """Read a query that leaves open which of its rows are asked for, and ask for the first of an order."""
    return f"{statement(name)}\norder by {order}\nlimit {rows}"
