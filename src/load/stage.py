"""Load's one job: parts of files in, warehouse rows out, exactly once.

One transaction a batch. Its first statement is the lock; a file becomes visible whole, in the transaction that brings
its last part, or not at all; a batch that is delivered again finds its files ended and changes nothing. The warehouse
is the union of what the live files say: a newer version of a file takes the older one's place in the same transaction.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from load.mutex import take_mutex
from load.objects import Objects
from load.plan import (
    CompleteFile,
    failed_row,
    group_parts,
    insist_on_dimensions,
    insist_on_one_meaning,
    insist_on_promised_rows,
    keys_to_copy,
    manifest,
)
from load.statements import (
    COPIED_COLUMNS,
    STAGE_FILES_COLUMNS,
    STAGE_ORDERS,
    STAGE_PARTS_COLUMNS,
    STAGE_REJECTS,
    copy_statement,
    insert_statement,
    statement,
    statements,
)
from load.warehouse import Session, WarehouseUnavailable
from shared.contracts import Outcome, TransformedPart, decode_transformed_part, encode
from shared.errors import TransientError

# The share that was refused of a smaller file is taken of so many rows: a slip in a file of three wakes nobody.
FEWEST_ROWS_OF_A_SHARE = 100
_FILLED_BY_FILES = ("stage_files", "new_orders", "ended_files", "ended_orders", *COPIED_COLUMNS)


@dataclass(frozen=True, slots=True)
class EndedFile:
    """What became of a file that came to its end in this transaction. Rows are orders as the branch wrote them."""

    file: CompleteFile
    outcome: str
    rows_in: int
    rows_loaded: int
    rows_duplicate: int
    rows_superseded: int
    rows_rejected: int

    @property
    def file_id(self) -> str:
        """The file's id."""
        return self.file.summary.source.file_id

    @property
    def rejected_percent(self) -> float:
        """The share of its rows that were refused, of at least FEWEST_ROWS_OF_A_SHARE; all of a file refused whole."""
        if self.file.summary.outcome is Outcome.REJECTED:
            return 100.0
        return 100 * self.rows_rejected / max(self.rows_in, FEWEST_ROWS_OF_A_SHARE)

    def seconds_since_received(self, now: datetime) -> float:
        """Give the time since S3 took the file; S3 tells whole seconds."""
        return (now - datetime.fromisoformat(self.file.summary.source.last_modified)).total_seconds()


@dataclass(frozen=True, slots=True)
class RetractedFile:
    """A file that ceased to be live because somebody said so, and what left with it."""

    file_id: str
    orders: int
    pence: int


def prepare_session(session: Session) -> None:
    """Make the tables that COPY fills; they live as long as the session, and are empty between loads."""
    _run(session, "load/stage_tables")
    session.commit()


class CommitUnanswered(TransientError):
    """The connection broke at COMMIT: what ``ended`` names was kept, or all of it was not. Only the ledger can tell."""

    def __init__(self, ended: list[EndedFile]) -> None:
        super().__init__("the warehouse did not answer COMMIT. The ledger is asked at the next try.")
        self.ended = ended


def load_parts(
    parts: Sequence[TransformedPart], session: Session, objects: Objects, copy_role_arn: str, batch_id: str
) -> list[EndedFile]:
    """Load a batch of parts in one transaction; give the files that it completed.

    ``batch_id`` names the manifests. On any error but CommitUnanswered nothing of the batch is kept; after any error
    the session must be let go. Raises TransientError, or TerminalError if what was copied is not what was promised.
    """
    take_mutex(session)
    rows = {(p.file.source.file_id, p.file.plan_id, p.part): (p.file.parts, encode(p)) for p in parts}
    _insert(session, "stage_parts", STAGE_PARTS_COLUMNS, [(*key, *value) for key, value in rows.items()])
    session.execute(statement("load/record_parts"))
    complete = session.execute(statement("load/complete_files"))
    files = group_parts(decode_transformed_part(message) for (message,) in complete)
    ended = _end_files(files, session, objects, copy_role_arn, batch_id) if files else []
    _empty(session, "stage_parts", *(_FILLED_BY_FILES if files else ()))
    try:
        session.commit()
    except WarehouseUnavailable as error:
        raise CommitUnanswered(ended) from error
    return ended


def record_failed(part: TransformedPart, reason: str, detail: str, session: Session) -> None:
    """Put a file that fails for good into the ledger, unless it stands there, in a transaction of its own."""
    take_mutex(session)
    _insert(session, "stage_files", STAGE_FILES_COLUMNS, [failed_row(part, reason, detail)])
    session.execute(statement("load/insert_failed_file"))
    _empty(session, "stage_files")
    session.commit()


def retract_files(key: str, session: Session) -> list[RetractedFile]:
    """Make the live files of a key not live; orders that no other live file claims leave with them."""
    take_mutex(session)
    session.execute(statement("load/find_files_to_retract"), (key,))
    _run(session, "load/end_files", "load/mark_retracted_files")
    retracted = [RetractedFile(*row) for row in session.execute(statement("load/retracted_files"))]
    _empty(session, "ended_files", "ended_orders")
    session.commit()
    return retracted


def _end_files(
    files: Sequence[CompleteFile], session: Session, objects: Objects, copy_role_arn: str, batch_id: str
) -> list[EndedFile]:
    """Bring complete files to their end: their rows, their claims, their rejects, their place in the ledger."""
    keys = keys_to_copy(files)
    manifests = {table: f"transformed/manifests/{batch_id}/{table}.json" for table in keys}
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda t: objects.put(manifests[t], manifest(objects.bucket, keys[t]).encode()), keys))
    for table, key in manifests.items():
        session.execute(copy_statement(table, f"s3://{objects.bucket}/{key}", copy_role_arn))
    (others,) = session.execute(statement("load/count_staged_items"))
    insist_on_promised_rows(files, session.execute(statement("load/count_staged_orders")), others)
    if STAGE_ORDERS in keys:
        insist_on_dimensions(session.execute(statement("load/find_missing_dimensions")))
        insist_on_one_meaning(session.execute(statement("load/find_collisions")))
    _insert(session, "stage_files", STAGE_FILES_COLUMNS, [file.ledger_row() for file in files])
    has_versions = bool(session.execute(statement("load/find_other_versions")))
    if has_versions:
        _run(session, "load/mark_superseded_files", "load/drop_superseded_orders")
    if STAGE_ORDERS in keys:
        session.execute(statement("load/find_new_orders"))
        session.execute(statement("load/insert_branches"))
        session.execute(statement("load/insert_products"))
        session.execute(statement("load/insert_orders"))
        session.execute(statement("load/insert_order_items"))
        session.execute(statement("load/insert_items_sold"))
        session.execute(statement("load/insert_claims"))
        session.execute(statement("load/insert_file_days"))
    if STAGE_REJECTS in keys:
        session.execute(statement("load/insert_rejects"))
    _run(session, "load/forget_failed_files", "load/insert_files")
    if has_versions:
        # After the new version's claims, so that an order which both state never leaves.
        _run(session, "load/find_replaced_files", "load/end_files")
    by_id = {file.summary.source.file_id: file for file in files}
    return [EndedFile(by_id[file_id], *rest) for file_id, *rest in session.execute(statement("load/ended_files"))]


def _run(session: Session, *names: str) -> None:
    for name in names:
        for sql in statements(name):
            session.execute(sql)


def _empty(session: Session, *tables: str) -> None:
    for table in tables:
        # Not TRUNCATE, which would commit.
        session.execute(f"delete from {table}")  # noqa: S608  our own names


def _insert(session: Session, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> None:
    values = [value for row in rows for value in row]
    session.execute(insert_statement(table, columns, len(rows)), values)
