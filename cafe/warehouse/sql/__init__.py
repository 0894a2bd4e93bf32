"""The statements that the command line runs on the warehouse, one per file."""

import re
from importlib.resources import files

# Stands in a statement for the text of _entries.sql.
_ENTRIES = "{entries}"
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)


def statement(name: str) -> str:
    """Read a statement by its file's name without ``.sql``."""
    text = _read(name)
    return text.replace(_ENTRIES, _COMMENT.sub("", _read("_entries")).strip()) if _ENTRIES in text else text


def _read(name: str) -> str:
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
