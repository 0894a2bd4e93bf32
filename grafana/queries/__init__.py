"""The warehouse queries of the boards, one in each file.

Column names are lower-case and unquoted, since Redshift folds quoted names as well. Boards give columns their titles.
"""

from importlib.resources import files


def statement(name: str) -> str:
    """Read a query by its file name without ``.sql``. Its comments are left out."""
    lines = files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))
