"""A warehouse session that stores nothing, and answers load as if every part had been copied."""

from collections.abc import Sequence
from typing import Any

from load.plan import ITEMS, ORDERS, REJECTED, VERIFICATIONS, plan_batch
from load.statements import union_statement
from shared.contracts import TransformedPart


class DoubleSession:
    """Answers the one query of a first load that has to be answered; see `load.warehouse.Session`."""

    def __init__(self, parts: Sequence[TransformedPart]) -> None:
        files = plan_batch(parts, ()).files
        orders = [(ORDERS, file.summary.source.file_id, file.orders, file.pence) for file in files]
        items = (ITEMS, "", sum(part.items for part in parts), 0)
        rejects = (REJECTED, "", sum(file.rejects for file in files), 0)
        self._answers: dict[str, list[tuple[Any, ...]]] = {union_statement(*VERIFICATIONS): [*orders, items, rejects]}

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
