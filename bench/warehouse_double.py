"""A warehouse session that stores nothing, and answers load as if every part had been copied."""

from collections.abc import Sequence
from typing import Any

from load.plan import group_parts
from load.statements import statement
from shared.contracts import TransformedPart, encode


class DoubleSession:
    """Answers the four queries that load runs in its transaction; see `load.warehouse.Session`."""

    def __init__(self, parts: Sequence[TransformedPart]) -> None:
        files = group_parts(parts)
        items = sum(part.items for part in parts)
        self._answers: dict[str, list[tuple[Any, ...]]] = {
            statement("load/find_complete_files"): [(encode(part),) for part in parts],
            statement("load/count_staged_orders"): [(_id_of(file.parts[0]), file.orders, file.pence) for file in files],
            statement("load/count_staged_items"): [(items, sum(file.rejects for file in files))],
            statement("load/select_outcomes"): [
                (_id_of(file.parts[0]), "loaded", file.summary.rows, file.orders, 0, 0, file.rejects) for file in files
            ],
        }

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:  # noqa: ARG002  the protocol's
        """See Session."""
        return self._answers.get(sql, [])

    def commit(self) -> None:
        """See Session."""

    def execute_alone(self, sql: str) -> None:
        """See Session."""

    def rollback(self) -> None:
        """See Session."""

    def close(self) -> None:
        """See Session."""


def _id_of(part: TransformedPart) -> str:
    return part.file.source.file_id
