"""Keep one bad message from holding up its batch, and from waking the warehouse at each delivery. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts import TransformedPart, decode_transformed_part
from shared.errors import TerminalError

# A message is tried at each of its first deliveries: what passes, passes within the first hours.
PROMPT_TRIES = 4
# After that, at every second delivery only. Each try may wake the warehouse, for which AWS bills at least a minute.
DELIVERIES_A_TRY = 2


@dataclass(frozen=True, slots=True)
class Failure[T]:
    """Items that could not be loaded, and why: one item at fault, or several of which any may be."""

    items: tuple[T, ...]
    error: Exception


def decode_records(records: Iterable[dict[str, Any]]) -> tuple[dict[str, TransformedPart], list[Failure[str]]]:
    """Decode SQS records into parts by message id, and a failure for each that does not follow the contract."""
    parts: dict[str, TransformedPart] = {}
    failures: list[Failure[str]] = []
    for record in records:
        try:
            parts[record["messageId"]] = decode_transformed_part(record["body"])
        except TerminalError as error:
            failures.append(Failure((record["messageId"],), error))
    return parts, failures


def is_due(receive_count: int) -> bool:
    """Return whether load tries a message at this delivery, counted from 1, or leaves it in the queue."""
    return receive_count <= PROMPT_TRIES or receive_count % DELIVERIES_A_TRY == 0


def load_in_halves[T](
    items: Sequence[T], load: Callable[[Sequence[T]], None], is_worth_halving: Callable[[Exception], bool]
) -> list[Failure[T]]:
    """Load all items at once; if that fails, each half alone, and so on. Return what could not be loaded.

    ``load`` keeps all of its items or none. An error for which ``is_worth_halving`` is false stops at once: if the
    warehouse is down, halving would only call it more often. Of n items with one at fault, at most 1 + 2 log2 n loads
    run (the logarithm rounded up).
    """
    if not items:
        return []
    try:
        load(items)
    except Exception as error:  # noqa: BLE001  nothing was kept, and the caller reports it
        if len(items) == 1 or not is_worth_halving(error):
            return [Failure(tuple(items), error)]
        middle = len(items) // 2
        return [
            *load_in_halves(items[:middle], load, is_worth_halving),
            *load_in_halves(items[middle:], load, is_worth_halving),
        ]
    return []
