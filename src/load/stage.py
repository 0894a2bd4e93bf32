"""Load's one job: parts of files in, warehouse rows out, exactly once.

One transaction a batch, whose first statement is the lock. A file becomes visible whole, in the transaction that brings
its last part, or not at all. A batch that is delivered again finds its files in the ledger and changes nothing. The
warehouse is the union of what the live files say: a newer version of a file replaces the older one in the same
transaction, or is held for a person if it would remove too much.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from load.holding import Removal, hold_on
from load.mutex import take_mutex
from load.objects import Objects
from load.plan import (
    FAILED,
    HELD_VERSION,
    KNOWN_ORDER,
    NEW_BRANCH,
    NEW_PRODUCT,
    NEWER_VERSION,
    OLDER_VERSION,
    REJECTED,
    REPEATED_ORDER,
    VERIFICATIONS,
    Batch,
    CompleteFile,
    Findings,
    carried_tables,
    check_collisions,
    check_findings,
    failed_row,
    gathered,
    keys_to_copy,
    last_part,
    manifest,
    plan_approval,
    plan_batch,
    rows_to_keep,
)
from load.rules import StagedRowsGone
from load.statements import (
    FILE_PARTS,
    FILE_PARTS_COLUMNS,
    REJECTS,
    STAGE_DISCOUNTS,
    STAGE_FILES_COLUMNS,
    STAGE_ORDERS,
    copy_statement,
    in_sizes,
    insert_statement,
    list_statement,
    statement,
    statements,
    union_statement,
)
from load.warehouse import Session, StatementFailed, WarehouseUnavailable, before_writing, may_be_one_files_fault
from shared.contracts import TransformedPart
from shared.errors import TransientError
from shared.object_keys import batch_rows_key, manifest_key

# The kinds of files that can be retracted: those that count, and those that wait for a person.
RETRACTABLE = ("live", "held")
# A smaller file's share of refused rows is computed as if it had this many: one bad row of three raises no alarm.
FEWEST_ROWS_OF_A_SHARE = 100


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The ledger's outcome of a file that this transaction completed. Rows are orders as the branch wrote them.

    ``rows_removed`` are the orders that left the warehouse because the file replaced another.
    """

    file: CompleteFile
    outcome: str
    rows_in: int
    rows_loaded: int
    rows_duplicate: int
    rows_superseded: int
    rows_rejected: int
    reason: str = ""
    detail: str = ""
    rows_removed: int = 0

    @property
    def file_id(self) -> str:
        """The file's id."""
        return self.file.summary.source.file_id

    @property
    def rejected_percent(self) -> float:
        """The share of its rows that were refused, of at least FEWEST_ROWS_OF_A_SHARE; 100 for a file refused whole."""
        if self.file.outcome in (REJECTED, FAILED):
            return 100.0
        return 100 * self.rows_rejected / max(self.rows_in, FEWEST_ROWS_OF_A_SHARE)

    def seconds_since_received(self, now: datetime) -> float:
        """Give the time since S3 received the file; S3's LastModified has whole seconds."""
        return (now - datetime.fromisoformat(self.file.summary.source.last_modified)).total_seconds()


@dataclass(frozen=True, slots=True)
class RetractedFile:
    """A file that was retracted, and the orders that left the warehouse with it."""

    file_id: str
    orders: int
    pence: int


class CommitUnanswered(TransientError):
    """The connection broke at COMMIT: all of ``completed`` was kept, or nothing. Only the ledger shows which."""

    def __init__(self, completed: list[FileOutcome]) -> None:
        super().__init__("the warehouse did not answer COMMIT. The next try reads the ledger.")
        self.completed = completed


def create_stage_tables(session: Session) -> None:
    """Create the temporary tables that COPY fills. They live as long as the session and are empty between loads."""
    _run(session, "load/work_timeout", "load/stage_tables")
    session.commit()


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What load copies from, with which role, and the share of a live file that a correction may remove unseen."""

    objects: Objects
    copy_role_arn: str
    most_removed_percent: float


def load_in_one_transaction(
    parts: Sequence[TransformedPart], session: Session, options: LoadOptions, batch_id: str
) -> list[FileOutcome]:
    """Record a batch of parts and load the files that they complete; return the outcome of each of those files.

    The batch has one version of a document at most (see `one_version_at_a_time`). ``batch_id`` names the manifests.
    After any error but CommitUnanswered nothing of the batch is kept. After any error the session must be closed.
    Raises TransientError, or TerminalError if COPY did not bring the promised rows.
    """
    with before_writing():
        take_mutex(session)
        batch = plan_batch(parts, _known_of(parts, session))
        _insert(session, FILE_PARTS, FILE_PARTS_COLUMNS, batch.new_parts)
    completed = _complete_files(batch, session, options, batch_id) if batch.files else []
    try:
        session.commit()
    except WarehouseUnavailable as error:
        raise CommitUnanswered(completed) from error
    return completed


def record_failed(part: TransformedPart, reason: str, detail: str, session: Session) -> None:
    """Record a file that fails for good in the ledger, unless it is there, in a transaction of its own."""
    take_mutex(session)
    last = last_part(part, _known_of([part], session)) if part.file.unfinished else part
    _insert(session, "stage_files", STAGE_FILES_COLUMNS, [failed_row(last, reason, detail)])
    _run(session, "load/drop_known_files", "load/insert_files")
    _empty(session, "stage_files")
    session.commit()


def approve_file(file_id: str, session: Session, options: LoadOptions, batch_id: str) -> list[FileOutcome]:
    """Load a held file whatever it removes; return its outcome, or none if it is not held (any more).

    Raises StagedRowsGone if the staging bucket does not have its rows any more. After any error nothing is changed, and
    the session must be closed.
    """
    take_mutex(session)
    sql, values = list_statement("load/find_known", [file_id])
    batch = plan_approval(session.execute(sql, values))
    try:
        completed = _complete_files(batch, session, options, batch_id) if batch.files else []
    except StatementFailed as failure:
        if may_be_one_files_fault(failure) and failure.was_copying:
            raise StagedRowsGone(batch.files[0].summary.source.key) from failure
        raise
    session.commit()
    return completed


def retract_files(key: str, session: Session, kinds: Sequence[str] = RETRACTABLE) -> list[RetractedFile]:
    """Make the live and the held files of a key neither; remove the orders that no other live file claims.

    ``kinds`` are both of RETRACTABLE, or the one that is meant.
    """
    take_mutex(session)
    is_live, is_held = (kind in kinds for kind in RETRACTABLE)
    session.execute(statement("load/find_files_to_retract"), (key, is_live, is_held))
    _run(session, "load/retire_files", "load/mark_retracted_files")
    retracted = [RetractedFile(*row) for row in session.execute(statement("load/retracted_files"))]
    _empty(session, "retired_files", "retired_orders")
    session.commit()
    return retracted


def _known_of(parts: Sequence[TransformedPart], session: Session) -> list[tuple[Any, ...]]:
    """Read what the warehouse has about the files of a batch."""
    sql, values = list_statement("load/find_known", sorted({part.file.source.file_id for part in parts}))
    return session.execute(sql, values)


def _complete_files(batch: Batch, session: Session, options: LoadOptions, batch_id: str) -> list[FileOutcome]:
    """Load complete files: their orders, claims and rejects, and their rows of the ledger."""
    files = batch.files
    _insert(session, "stage_files", STAGE_FILES_COLUMNS, [file.ledger_row() for file in files])
    if batch.has_leftover_rejects:
        _run(session, "load/drop_leftover_rejects")
    tables = _copy_staged_rows(files, session, options, batch_id)
    if STAGE_DISCOUNTS in tables:
        _run(session, "load/set_discounts")
    findings = Findings.of(session.execute(union_statement(*VERIFICATIONS)))
    check_findings(files, findings)
    if findings.has(REPEATED_ORDER):
        check_collisions(Findings.of(session.execute(statement("load/find_repeated_collisions"))))
    if findings.has(NEWER_VERSION):
        _run(session, "load/mark_superseded_files", "load/drop_left_out_orders", "load/drop_left_out_items")
    holds = _hold_corrections(files, session, options) if findings.has(OLDER_VERSION) else False
    if STAGE_ORDERS in tables:
        _insert_staged_rows(findings, session)
    if batch.has_failed_before:
        _run(session, "load/forget_failed_files")
    _run(session, "load/insert_files")
    if findings.has(HELD_VERSION):
        _run(session, "load/settle_held_files")
    removed = _retire_replaced_files(session) if findings.has(OLDER_VERSION) else {}
    has_others = holds or findings.has(KNOWN_ORDER, REPEATED_ORDER, NEWER_VERSION)
    is_all_new = not has_others and all(file.is_copied for file in files)
    completed = [_all_new(file) for file in files] if is_all_new else _recorded_outcomes(files, session)
    completed = [replace(file, rows_removed=removed.get(file.file_id, 0)) for file in completed]
    _empty(session, "stage_files", *sorted(tables - {REJECTS}))
    return completed


def _hold_corrections(files: Sequence[CompleteFile], session: Session, options: LoadOptions) -> bool:
    """Find the live files that corrections replace; hold corrections that would remove too much. Return if any is."""
    _run(session, "load/find_replaced_files")
    by_id = {file.summary.source.file_id: file for file in files}
    holds = False
    for removal in (Removal(*row) for row in session.execute(statement("load/find_removals"))):
        file = by_id[removal.file_id]
        hold = None if file.is_approved else hold_on(removal, file.sender, options.most_removed_percent)
        if hold:
            # A person may approve it when the message is gone.
            _put_all(options.objects, rows_to_keep(file))
            session.execute(statement("load/hold_file"), (hold.reason, hold.detail, removal.file_id))
            holds = True
    if holds:
        _run(session, "load/keep_live_files", "load/drop_left_out_orders", "load/drop_left_out_items")
    return holds


def _retire_replaced_files(session: Session) -> dict[str, int]:
    """Replace the live files that were found; return how many orders each newer version removed.

    After the new versions' claims: an order that both versions state must stay.
    """
    _run(session, "load/retire_files")
    removed = dict(session.execute(statement("load/removed_orders")))
    _empty(session, "retired_files", "retired_orders")
    return removed


def _copy_staged_rows(files: Sequence[CompleteFile], session: Session, options: LoadOptions, batch_id: str) -> set[str]:
    """Copy the files' rows into their tables by manifest; return the tables that had any.

    What the messages carry is gathered first: one object a table, however many the files.
    """
    objects = options.objects
    keys, written = keys_to_copy(files), {}
    for table, texts in carried_tables(files).items():
        key = batch_rows_key(batch_id, table)
        keys.setdefault(table, []).append(key)
        written[key] = gathered(table, texts)
    manifests = {table: manifest_key(batch_id, table) for table in keys}
    written |= {manifests[table]: manifest(objects.bucket, keys[table]).encode() for table in keys}
    _put_all(objects, written)
    for table, key in manifests.items():
        session.execute(copy_statement(table, f"s3://{objects.bucket}/{key}", options.copy_role_arn))
    return set(keys)


def _put_all(objects: Objects, bodies: Mapping[str, bytes]) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda key: objects.put(key, bodies[key]), bodies))


def _insert_staged_rows(findings: Findings, session: Session) -> None:
    """Insert what is new of the staged rows: claims, dimensions, orders and items."""
    _run(session, "load/insert_claims", "load/insert_file_days")
    if findings.has(KNOWN_ORDER, REPEATED_ORDER):
        # After the claims: a file also claims the orders that it did not bring.
        _run(session, "load/drop_known_orders", "load/drop_left_out_items")
    if findings.has(REPEATED_ORDER):
        _run(session, "load/keep_items_once")
    if findings.has(NEW_BRANCH):
        _run(session, "load/insert_branches")
    if findings.has(NEW_PRODUCT):
        _run(session, "load/insert_products")
    _run(session, "load/insert_orders", "load/insert_order_items", "load/insert_items_sold")


def _all_new(file: CompleteFile) -> FileOutcome:
    """Describe a file all of whose accepted orders were new."""
    return FileOutcome(file, file.outcome, file.summary.rows, file.orders, 0, 0, file.rejects, file.reason, file.detail)


def _recorded_outcomes(files: Sequence[CompleteFile], session: Session) -> list[FileOutcome]:
    """Read the outcomes of files from the ledger."""
    by_id = {file.summary.source.file_id: file for file in files}
    outcomes = session.execute(statement("load/select_outcomes"))
    return [FileOutcome(by_id[file_id], *rest) for file_id, *rest in outcomes]


def _run(session: Session, *names: str) -> None:
    for name in names:
        for sql in statements(name):
            session.execute(sql)


def _empty(session: Session, *tables: str) -> None:
    for table in tables:
        # Not TRUNCATE, which would commit.
        session.execute(f"delete from {table}")  # noqa: S608  the table's name is a constant


def _insert(session: Session, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> None:
    for some in in_sizes(rows):
        session.execute(insert_statement(table, columns, len(some)), [value for row in some for value in row])
