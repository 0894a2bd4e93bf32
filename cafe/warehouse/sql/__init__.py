"""The statements that the command line runs on the warehouse, one per file."""

from importlib.resources import files


def statement(name: str) -> str:
    """Read a statement by its file's name without ``.sql``."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
