"""Read the messages of the hops as a person would: with the rows that they carry as text."""

import json
from typing import Any, cast

from shared.carried_rows import rows_of


def opened(body: str) -> str:
    """Write a message with its rows as text. A message that carries none is returned as it is."""
    message = json.loads(body)
    tables = message.get("tables") if isinstance(message, dict) else None
    if not tables:
        return body
    rows = {name: rows_of(text).decode() for name, text in cast(dict[str, Any], tables).items()}
    return json.dumps(message | {"tables": rows}, ensure_ascii=False)
