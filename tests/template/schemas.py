"""The schemas that AWS publishes for its resource types, as cfn-lint keeps them: how a type is found, and by whom."""

import json
from functools import cache
from typing import Any

from cafe.local.emulator import resource_schemas
from template.stack import REGION


@cache
def schema_of(resource_type: str) -> dict[str, Any]:
    """Return the schema of a type in the template's region."""
    folder = resource_schemas()
    names = json.loads((folder / "providers" / f"{REGION}.json").read_text(encoding="utf-8"))
    schema: dict[str, Any] = json.loads(
        (folder / "resources" / f"{names[resource_type]}.json").read_text(encoding="utf-8")
    )
    return schema
