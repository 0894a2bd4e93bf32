"""Transform one part: make its tables, as files for COPY or in the message, and send that message to load."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared.carried_rows import carried, rows_of
from shared.contracts import CONTRACT_VERSION, FAILED_PLAN_ID, ExtractedPart, FileSummary, Outcome, TransformedPart
from shared.errors import TerminalError, TransientError
from shared.object_keys import extracted_rows_key, transform_rejects_key, transformed_key
from shared.outbox import Outbox
from shared.part_files import PartFile
from shared.rejects import reject_csv_line
from transform.objects import Objects
from transform.rules import FailureReason
from transform.third_normal_form import Normaliser

STAGE = "transform"


class MissingRows(TerminalError):
    """A part does not hold the rows that its message promises."""

    def __init__(self, key: str, promised: int, found: int) -> None:
        super().__init__(f"{key} holds {found} rows where {promised} were promised. Replay the branch file.")


class Transformed(NamedTuple):
    """The result of one part: the message to load, the number of rejects by rule, and why its file failed."""

    part: TransformedPart
    rejects_by_rule: Mapping[str, int]
    failure: Exception | None = None


def transform_part(
    extracted: ExtractedPart, objects: Objects, outbox: Outbox, *, may_carry: bool = True
) -> Transformed:
    """Normalise one part and leave load a message. A part without rows gives a message only.

    The message carries the rows if they are few, unless ``may_carry`` is False. Otherwise ``objects`` gets them.
    An error that no retry can help, which the result holds as its failure, ends the file: it must not return from the
    queue for hours. Raises TransientError.
    """
    try:
        transformed = _normalise(extracted, objects, may_carry=may_carry)
    except (TransientError, MemoryError):
        # Without memory, the function itself is ill: another one may read the part.
        raise
    except Exception as error:  # noqa: BLE001  every call to AWS translates its errors, so the part or the code is at fault
        transformed = _failed(extracted, error)
    outbox.send([transformed.part])
    return transformed


def _normalise(extracted: ExtractedPart, objects: Objects, *, may_carry: bool) -> Transformed:
    """Make the part's tables and rejects. Raises MissingRows if it does not hold the rows that extract promised."""
    source, plan_id = extracted.file.source, extracted.file.plan_id
    normaliser, rejects_by_rule = Normaliser(source.file_id), Counter[str]()
    in_message: dict[str, str] = {}
    if extracted.rows:
        rows_key = extracted_rows_key(plan_id, source.file_id, extracted.part)
        tables = {name: PartFile() for name in ("orders", "order_items", "dimensions", "discounts")}
        rejects = PartFile()
        for lines in _lines(extracted, objects, rows_key):
            made = normaliser.normalise(lines)
            tables["orders"].write(b"".join(made.orders))
            tables["order_items"].write(b"".join(made.order_items))
            tables["dimensions"].write(b"".join(made.dimensions))
            tables["discounts"].write(b"".join(made.discounts))
            rejects.write("".join(reject_csv_line(source.file_id, STAGE, reject) for reject in made.rejects).encode())
            rejects_by_rule.update(reject.rule for reject in made.rejects)
        if normaliser.orders + normaliser.rejects != extracted.rows:
            raise MissingRows(rows_key, extracted.rows, normaliser.orders + normaliser.rejects)
        if normaliser.orders:
            if not normaliser.discounts:
                del tables["discounts"]
            made_tables = {table: file.finish() for table, file in tables.items()}
            in_message = carried(made_tables) if may_carry and _may_be_carried(extracted.file) else {}
            if not in_message:
                for table, member in made_tables.items():
                    objects.put(transformed_key(plan_id, source.file_id, extracted.part, table), member)
        if normaliser.rejects:
            objects.put(transform_rejects_key(plan_id, source.file_id, extracted.part), rejects.finish())
    part = TransformedPart(
        version=CONTRACT_VERSION,
        file=extracted.file,
        part=extracted.part,
        orders=normaliser.orders,
        items=normaliser.items,
        rejects=normaliser.rejects,
        pence=normaliser.pence,
        discounts=normaliser.discounts,
        tables=in_message,
    )
    return Transformed(part, rejects_by_rule)


def _lines(extracted: ExtractedPart, objects: Objects, rows_key: str) -> Iterable[list[bytes]]:
    """Give a part's lines in blocks, from the message if it carries them. Raises UnreadableRows or MissingObject."""
    if extracted.carried:
        return [rows_of(extracted.carried).removesuffix(b"\n").split(b"\n")]
    return objects.lines(rows_key)


def _may_be_carried(file: FileSummary) -> bool:
    """Return whether load needs a part's rows only when it gets the message.

    Not those of a file that is held: a person may approve it when the message is gone. Nor those of a file of several
    parts, which waits for the last of them.
    """
    return file.parts == 1 and file.outcome is Outcome.READ


def _failed(extracted: ExtractedPart, error: Exception) -> Transformed:
    """End the part's file as failed, under a plan of one part; nothing of it is counted."""
    reason = FailureReason.ROWS_MISSING if isinstance(error, TerminalError) else FailureReason.BROKE_TRANSFORM
    file = extracted.file._replace(
        plan_id=FAILED_PLAN_ID,
        parts=1,
        outcome=Outcome.FAILED,
        reason=reason,
        detail=type(error).__name__,
        rows=0,
        rejects=0,
        discounts=0,
        unfinished=False,
    )
    part = TransformedPart(CONTRACT_VERSION, file, part=1, orders=0, items=0, rejects=0, pence=0)
    return Transformed(part, {}, error)
