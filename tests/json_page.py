"""docs/json.md read as a schema: the commands, the records, and what is wrong with an answer.

A type is ``[optional] [list of | map of] NAME [or null]``, as the page explains.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from unit.docs.pages import blocks, page, sections, table_rows

type Fields = Mapping[str, str]

RECORD_AGAIN = "PYTHONPATH=tests .venv/bin/python -m json_page > tests/contracts/golden/json_v1.json"
_INHERITED = re.compile(r"^All fields of `([^`]+)`", re.MULTILINE)


def _is_moment(value: object, *, has_offset: bool) -> bool:
    try:
        return isinstance(value, str) and (datetime.fromisoformat(value).tzinfo is not None) == has_offset
    except ValueError:
        return False


def _is_date(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None and bool(date(1, 1, 1))


SCALARS: Mapping[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "decimal": lambda value: isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
    "boolean": lambda value: isinstance(value, bool),
    "time": lambda value: _is_moment(value, has_offset=True),
    "local time": lambda value: _is_moment(value, has_offset=False),
    "date": _is_date,
    "object": lambda value: isinstance(value, dict),
    "any": lambda _value: True,
}


@dataclass(frozen=True, slots=True)
class Page:
    """The fields of the envelope, of each command's data and of each record, with their types."""

    envelope: Fields
    commands: Mapping[str, Fields]
    records: Mapping[str, Fields]
    without_json: Mapping[str, str]
    codes: frozenset[str]
    examples: tuple[Any, ...]

    def problems_of(self, document: Any) -> list[str]:
        """Return what an answer has that the page does not say, and the other way round; none if they agree."""
        found = list(self._object(document, self.envelope, "the envelope"))
        found += self._code(document) if "error" in document else []
        if found or "data" not in document:
            return found
        command = document["cafe"]
        if command not in self.commands:
            return [f"docs/json.md does not describe `cafe {command}`: add a section below Commands."]
        return list(self._object(document["data"], self.commands[command], f"cafe {command}"))

    def unknown_types(self) -> set[str]:
        """Return the types that the page uses and does not explain."""
        tables = [self.envelope, *self.commands.values(), *self.records.values()]
        used = {_name(kind) for fields in tables for kind in fields.values()}
        return used - SCALARS.keys() - self.records.keys()

    def unused_records(self) -> set[str]:
        """Return the records that no table uses."""
        tables = [self.envelope, *self.commands.values(), *self.records.values()]
        return self.records.keys() - {_name(kind) for fields in tables for kind in fields.values()}

    def _code(self, document: Mapping[str, Any]) -> list[str]:
        code = document["error"].get("code")
        if code in self.codes:
            return []
        return [f"docs/json.md does not list the error code {code}: add a row to the table of codes."]

    def _object(self, value: Any, fields: Fields, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where} is not an object: {value!r}"
            return
        for name in value.keys() - fields.keys():
            yield f"docs/json.md does not describe the field {name} of {where}: add a row to its table."
        for name, kind in fields.items():
            if name in value:
                yield from self._value(value[name], kind.removeprefix("optional "), f"{name} of {where}")
            elif not kind.startswith("optional "):
                yield f"{where} has no field {name}, which docs/json.md promises."

    def _value(self, value: Any, kind: str, where: str) -> Iterator[str]:
        if kind.startswith("list of ") and isinstance(value, list):
            for item in value:
                yield from self._value(item, kind.removeprefix("list of "), f"an item of {where}")
        elif kind.startswith("map of ") and isinstance(value, dict):
            for item in value.values():
                yield from self._value(item, kind.removeprefix("map of "), f"a value of {where}")
        elif kind.endswith(" or null"):
            if value is not None:
                yield from self._value(value, kind.removesuffix(" or null"), where)
        elif kind in SCALARS:
            if not SCALARS[kind](value):
                yield f"{where} is not of the type {kind}: {value!r}"
        elif kind in self.records:
            yield from self._object(value, self.records[kind], where)
        else:
            yield f"{where} is not of the type {kind}: {value!r}"


@cache
def read_page() -> Page:
    """Read the page as it is committed."""
    text = page("json")
    top = sections(text, 2)
    envelope = sections(top["The envelope"], 3)
    tables = _tables(top["Commands"]) | _tables(top["Records"])
    return Page(
        envelope=_rows(top["The envelope"].partition("\n### ")[0]),
        commands={name.removeprefix("cafe "): tables[name] for name in sections(top["Commands"], 3)},
        records={name: tables[name] for name in sections(top["Records"], 3)},
        without_json={row["command"]: row["why"] for row in table_rows(envelope["Commands without it"])},
        codes=frozenset(row["code"] for row in table_rows(envelope["When a command fails"])),
        examples=tuple(map(json.loads, blocks(text, "json"))),
    )


def recorded(described: Page) -> dict[str, Fields]:
    """Return all fields with their types, as they are recorded for a version."""
    return {
        "the envelope": described.envelope,
        **{f"cafe {name}": fields for name, fields in sorted(described.commands.items())},
        **{f"record {name}": fields for name, fields in sorted(described.records.items())},
        "codes": dict.fromkeys(sorted(described.codes), "text"),
    }


def check_answers(stdout: str) -> None:
    """Fail if an answer, or one of an answer per line, is not as the page says."""
    if problems := [problem for document in documents_of(stdout) for problem in read_page().problems_of(document)]:
        raise AssertionError("\n".join(problems))


def documents_of(stdout: str) -> list[Any]:
    """Read the answers that a command wrote: one document, or one per line."""
    decoder, documents, at = json.JSONDecoder(), [], 0
    while at < len(stdout.rstrip()):
        document, end = decoder.raw_decode(stdout, at)
        documents.append(document)
        at = end + len(stdout[end:]) - len(stdout[end:].lstrip())
    return documents


def _name(kind: str) -> str:
    return re.sub(r"^optional |(list|map) of | or null$", "", kind)


def _rows(text: str) -> dict[str, str]:
    return {row["field"]: row["type"] for row in table_rows(text)}


def _tables(text: str) -> dict[str, Fields]:
    """Read the table of each section. One that begins with "All fields of" has those of another section too."""
    bodies = sections(text, 3)
    own = {name: _rows(body) for name, body in bodies.items()}
    parents = {name: found[1] for name, body in bodies.items() if (found := _INHERITED.search(body))}
    return {name: own.get(parents.get(name, ""), {}) | fields for name, fields in own.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(recorded(read_page()), indent=2) + "\n")
