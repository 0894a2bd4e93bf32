"""Read the messages of the hops as a person would: with the rows that they carry as text."""

import json
from typing import Any, cast

from shared.carried_rows import rows_of


def opened(body: str) -> str:
    """Write a message with its rows as text. A message that carries none is returned as it is."""
    message = json.loads(body)
    if not isinstance(message, dict):
        return body
    rows: dict[str, Any] = {}
    if message.get("carried"):
        rows["carried"] = rows_of(str(message["carried"])).decode()
    if tables := cast(dict[str, str], message.get("tables") or {}):
        rows["tables"] = {name: rows_of(text).decode() for name, text in tables.items()}
    return json.dumps(cast(dict[str, Any], message) | rows, ensure_ascii=False) if rows else body
