"""Check the properties of a resource against the schema that AWS publishes for its type."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no type hints, and is not in requirements/tools.in


class ResourceSchemas:
    """The schemas that AWS publishes for its resource types, as cfn-lint keeps them on disk."""

    def __init__(self, folder: str, region: str) -> None:
        self._resources = Path(folder, "resources")
        self._file_names: dict[str, str] = json.loads(Path(folder, "providers", f"{region}.json").read_text("utf-8"))

    def check(self, resource_type: str, properties: dict[str, Any]) -> None:
        """Raise ValueError, with a message like CloudFormation's, when the properties do not fit the type."""
        schema = json.loads((self._resources / f"{self._file_names[resource_type]}.json").read_text("utf-8"))
        faults = [
            f"#/{'/'.join(map(str, error.absolute_path))}: {_describe(error)}"
            for error in _Validator(schema).iter_errors(properties)
        ]
        read_only = {path.removeprefix("/properties/") for path in schema.get("readOnlyProperties", [])}
        faults += [f"#/{name}: is read-only" for name in properties if name in read_only]
        if faults:
            raise ValueError(f"Properties validation failed for resource of type {resource_type}: {'; '.join(faults)}")


def _describe(error: jsonschema.ValidationError) -> str:
    """Describe a fault as CloudFormation does, but without the value: it may be a password."""
    if error.validator in {"additionalProperties", "required"}:
        return str(error.message)
    return f"failed validation constraint for keyword [{error.validator}]"


def _accepts(kind: str, parse: Callable[[str], object]) -> Callable[[Any, Any], bool]:
    """Accept values of a JSON type and text that spells one: CloudFormation converts scalars."""
    stock = jsonschema.Draft7Validator.TYPE_CHECKER

    def accepts(_checker: Any, value: Any) -> bool:
        if stock.is_type(value, kind):
            return True
        try:
            parse(value)
        except (KeyError, TypeError, ValueError):
            return False
        return isinstance(value, str)

    return accepts


_Validator = jsonschema.validators.extend(
    jsonschema.Draft7Validator,
    type_checker=jsonschema.Draft7Validator.TYPE_CHECKER.redefine_many(
        {
            "boolean": _accepts("boolean", {"true": True, "false": False}.__getitem__),
            "integer": _accepts("integer", int),
            "number": _accepts("number", float),
            "string": lambda _checker, value: isinstance(value, str | int | float),
        }
    ),
)
