"""The statements that the command line runs on the warehouse, one per file."""

import re
from importlib.resources import files

# Stands in a statement for the text of _entry_columns.sql.
_ENTRY_COLUMNS = "{entry_columns}"
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)


def statement(name: str) -> str:
    """Read a statement by its file's name without ``.sql``."""
    text = _read(name)
    if _ENTRY_COLUMNS not in text:
        return text
    columns = _COMMENT.sub("", _read("_entry_columns")).strip().replace("\n", "\n    ")
    return text.replace(_ENTRY_COLUMNS, columns)


def _read(name: str) -> str:
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
