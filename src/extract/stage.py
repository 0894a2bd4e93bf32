"""Extract one arrived object: write its canonical rows and send a message for each part."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple

from extract.arrivals import MOST_INNOCENT_BYTES, Arrival
from extract.branch_csv import BranchCsvReader
from extract.cells import EARLIEST_DAY, CellReaders, first_day_for, last_day_for
from extract.dialects.catalogue import Catalogue
from extract.lines import LineReader
from extract.objects import Objects, StoredFile
from extract.occurrences import Numbering, OutOfOrder, RowFingerprints, SortedNumbering
from extract.register import Admission, Register
from extract.registers import Registers
from extract.rules import FileReason, UnreadableBranchFile
from shared.carried_rows import carried
from shared.contracts import (
    CONTRACT_VERSION,
    GONE_PLAN_ID,
    MAX_DETAIL_CHARACTERS,
    PLAN_ID,
    REJECTED_PLAN_ID,
    ROWS_PER_PART,
    ExtractedPart,
    FileSummary,
    LineCounts,
    Outcome,
    SourceFile,
    recorded_key,
    version_order_of,
)
from shared.errors import PipelineError, TransientError
from shared.object_keys import extract_rejects_key, extracted_rows_key
from shared.outbox import Outbox
from shared.part_files import PartFile
from shared.personal_text import mask_key
from shared.rejects import Reject, reject_csv_line
from shared.senders import HEAD_OFFICE, cafe_of_key, is_smoke_test, sender_of, till_of_key

STAGE = "extract"
READABLE_SUFFIXES = (".csv", ".csv.gz")
# What file managers and the console of S3 leave behind: markers of folders, and files about files.
_DEBRIS = ("", ".ds_store", "thumbs.db", "desktop.ini")
# How old a sale may be in the file of a café, in days (OldestSaleDays in template.yaml).
OLDEST_SALE_DAYS = 60
# How often a file tries to add its cafés to the register while others do the same.
MOST_TRIES = 50
# Their fingerprints take 48 MB, and three passes over the file take well under the function's time.
MAX_UNSORTED_ROWS = 6_000_000
# Ten times what the rows of a real part take. Transform's memory and time depend on it.
MAX_PART_BYTES = 100_000_000
_NOT_COUNTED = LineCounts(0, 0, 0, 0, 0, 0)


class RegisterIsBusy(TransientError):
    """Others changed the register of cafés at each try to add a file's cafés to it."""

    def __init__(self) -> None:
        super().__init__("the register of cafés was changed by others at each try. The file is retried.")


class Extracted(NamedTuple):
    """The result of one file: its summary, the number of rows of each part, and the number of rejects by rule.

    ``carried`` has the rows for the message, if the file has one part and its rows are few. ``unsent`` are the messages
    of the parts before the last, if they were not sent early.
    """

    file: FileSummary
    part_rows: tuple[int, ...]
    rejects_by_rule: Mapping[str, int]
    carried: str = ""
    unsent: tuple[ExtractedPart, ...] = ()
    was_unsorted: bool = False
    failure: Exception | None = None


def extract_file(
    arrival: Arrival,
    objects: Objects,
    outbox: Outbox,
    check_time: Callable[[], None] = lambda: None,
    *,
    registers: Registers | None = None,
    oldest_sale_days: int = OLDEST_SALE_DAYS,
    catalogue: Catalogue | None = None,
    rules: str = "",
    sends_early: bool = True,
) -> Extracted:
    """Read one version of one object, and send transform a message for each part.

    Every file gives at least one message, even if it is empty or rejected. If it ``sends_early``, a part that another
    follows is sent as soon as its object is written, so that transform works meanwhile. The last part's message follows
    when the whole file is read, and says what was found in it. If a run dies before that, the next run overwrites its
    objects with the same content, and sends the same messages.

    An error that no retry can help, which the result holds as its failure, rejects the file: it must not return from
    the queue for hours. ``check_time`` is called often, and raises if there is no time left. ``registers`` has the
    register of cafés; it is read from ``objects`` if it is not given. ``oldest_sale_days`` holds for a café's own
    files. ``catalogue`` has the dialects, if they are not those of the product. ``rules`` names the rules of reading
    (`extract.revision`): parts that were read by other rules never complete the file. Raises TransientError.
    """
    source = _announced(arrival)
    try:
        if _is_debris(arrival.key):
            extracted = Extracted(_unread(source, PLAN_ID, Outcome.EMPTY), (0,), {})
        else:
            _require_a_readable_name(arrival.key)
            stored = objects.open(arrival)
            source = _as_stored(arrival, source, stored, objects)
            reading = _Reading(
                arrival=arrival,
                source=source,
                objects=objects,
                outbox=outbox if sends_early else None,
                check_time=check_time,
                oldest_sale_days=oldest_sale_days,
                written_at=stored.written_at,
                catalogue=catalogue,
                rules=rules,
            )
            extracted = _extract_admitted(reading, stored, registers or Registers(objects))
    except UnreadableBranchFile as problem:
        extracted = _rejected(source, problem.reason, problem.detail)
    except (PipelineError, MemoryError):
        # Without memory, the function itself is ill: another one may read the file.
        raise
    except Exception as error:  # noqa: BLE001  every call to AWS translates its errors, so this is a fault of the code
        extracted = _rejected(source, FileReason.BROKE_EXTRACT, type(error).__name__)._replace(failure=error)
    *others, last_rows = extracted.part_rows
    last = ExtractedPart(CONTRACT_VERSION, extracted.file, len(others) + 1, last_rows, extracted.carried)
    outbox.send([*extracted.unsent, last])
    return extracted


class _Reading(NamedTuple):
    """What stays the same however often a file is read. Without ``outbox``, no part is sent early."""

    arrival: Arrival
    source: SourceFile
    objects: Objects
    outbox: Outbox | None
    check_time: Callable[[], None]
    oldest_sale_days: int
    written_at: datetime
    catalogue: Catalogue | None
    rules: str

    @property
    def sender(self) -> str:
        return sender_of(self.arrival.key)

    def admission(self, register: Register) -> Admission:
        return Admission(register, self.sender, is_smoke_test=is_smoke_test(self.arrival.key))

    def readers(self, admission: Admission) -> CellReaders:
        is_cafes = self.sender != HEAD_OFFICE
        first_day = first_day_for(self.written_at, self.oldest_sale_days) if is_cafes else EARLIEST_DAY
        cafe, till = cafe_of_key(self.arrival.key), till_of_key(self.arrival.key)
        last_day = last_day_for(self.written_at)
        return CellReaders(last_day, first_day, admission.admit, cafe_of_key=cafe, till_of_key=till)

    def reader(self, numbering: Numbering, admission: Admission) -> BranchCsvReader:
        return BranchCsvReader(numbering, self.readers(admission), self.catalogue)

    def reopened(self) -> StoredFile:
        return self.objects.open(self.arrival)


def _extract_admitted(reading: _Reading, stored: StoredFile, registers: Registers) -> Extracted:
    """Read a file under the register of cafés. A register that is open learns the cafés that it lacks."""
    # A file that takes long is not read a second time because this function knows an old register.
    register = registers.fetch() if stored.size_bytes > MOST_INNOCENT_BYTES else registers.known()
    admission, extracted = _admitted(reading, stored, register)
    for _ in range(MOST_TRIES):
        if not admission.has_doubts:
            return extracted
        # The register may have been known from before: the file is not judged by an old one.
        register = registers.fetch()
        if not admission.holds_under(register):
            admission, extracted = _admitted(reading, reading.reopened(), register)
        elif not admission.learned:
            return extracted
        elif register.is_closed:
            return _held(extracted, len(admission.learned))
        elif registers.replace(admission.with_learned(register, f"{reading.written_at:%Y-%m-%d}")):
            return extracted
    raise RegisterIsBusy


def _admitted(reading: _Reading, stored: StoredFile, register: Register) -> tuple[Admission, Extracted]:
    admission = reading.admission(register)
    return admission, _extract_sorted(reading, stored, register, admission)


def _held(extracted: Extracted, cafes: int) -> Extracted:
    """Let load wait for a person."""
    detail = f"{cafes} unknown café" if cafes == 1 else f"{cafes} unknown cafés"
    file = extracted.file._replace(outcome=Outcome.HELD, reason=FileReason.UNKNOWN_CAFE, detail=detail)
    return extracted._replace(file=file)


def _extract_sorted(reading: _Reading, stored: StoredFile, register: Register, admission: Admission) -> Extracted:
    """Read a file as if it were sorted by time. If it is not, start again with the fingerprints of all rows."""
    plan_id = "-".join(filter(None, (PLAN_ID, reading.rules, register.revision)))
    try:
        return _write_parts(reading, stored, SortedNumbering(), plan_id, admission)
    except OutOfOrder:
        fingerprints = _fingerprint_rows(reading, reading.admission(register))
        extracted = _write_parts(reading, reading.reopened(), fingerprints.numbering(), plan_id, admission)
        return extracted._replace(was_unsorted=True)


def _fingerprint_rows(reading: _Reading, admission: Admission) -> RowFingerprints:
    fingerprints, stored = RowFingerprints(), reading.reopened()
    reader = reading.reader(fingerprints, admission)
    with closing(stored.chunks):
        for _ in reader.read(LineReader(reading.check_time).blocks(stored.chunks)):
            if fingerprints.rows > MAX_UNSORTED_ROWS:
                limit = f"limit {MAX_UNSORTED_ROWS} rows unless sorted by time"
                raise UnreadableBranchFile(FileReason.TOO_LARGE, limit)
    return fingerprints


def _write_parts(
    reading: _Reading, stored: StoredFile, numbering: Numbering, plan_id: str, admission: Admission
) -> Extracted:
    lines, reader = LineReader(reading.check_time), reading.reader(numbering, admission)
    unfinished = _unread(reading.source, plan_id, Outcome.READ)._replace(parts=0, unfinished=True)
    parts = _PartWriter(unfinished, reading.objects, reading.outbox)
    with closing(stored.chunks):
        for block in reader.read(lines.blocks(stored.chunks)):
            admission.confirm(block.rows)
            parts.add(block.rows, block.rejects)
    counts = reader.line_counts(lines.total_lines)
    if counts.accounted != counts.total:
        # The two counts are independent. Reject the whole file rather than lose a row silently.
        raise UnreadableBranchFile(FileReason.LINES_LOST, f"{counts.accounted} of {counts.total} lines")
    part_rows = parts.finish()
    file = FileSummary(
        source=reading.source,
        plan_id=plan_id,
        parts=len(part_rows),
        outcome=Outcome.READ if reader.rows else Outcome.EMPTY,
        reason="",
        detail="",
        dialect=reader.dialect,
        lines=counts,
        rows=reader.rows,
        rejects=reader.rejects,
        discounts=reader.discounts,
    )
    return Extracted(file, part_rows, parts.rejects_by_rule, parts.carried, tuple(parts.unsent))


class _PartWriter:
    """Cut the rows of a file into parts of ROWS_PER_PART, write each part when it is full, and send all but the last.

    Parts depend on the rows before them only. So they stay right if a later row shows that the file is not sorted, and
    it is read again. ``file`` is what is known of the file while it is read. Without ``outbox``, the messages are kept.
    """

    def __init__(self, file: FileSummary, objects: Objects, outbox: Outbox | None) -> None:
        self._file = file
        self._file_id = file.source.file_id
        self._plan_id = file.plan_id
        self._objects = objects
        self._outbox = outbox
        self._part = PartFile()
        self._rejects: PartFile | None = None
        self._part_rows = [0]
        self._part_bytes = 0
        # What a message may carry of the file: nothing once it has a second part.
        self.carried = ""
        self.unsent: list[ExtractedPart] = []
        self.rejects_by_rule: Counter[str] = Counter()

    def add(self, rows: list[str], rejects: Sequence[Reject]) -> None:
        while rows:
            room = ROWS_PER_PART - self._part_rows[-1]
            if room == 0:
                self._put_part()
                part = ExtractedPart(CONTRACT_VERSION, self._file, len(self._part_rows), self._part_rows[-1])
                if self._outbox:
                    self._outbox.send_at_once(part)
                else:
                    self.unsent.append(part)
                self._part, self._part_bytes, room = PartFile(), 0, ROWS_PER_PART
                self._part_rows.append(0)
            text = "".join(rows[:room]).encode()
            self._part.write(text)
            self._part_rows[-1] += min(room, len(rows))
            self._part_bytes += len(text)
            if self._part_bytes > MAX_PART_BYTES:
                raise UnreadableBranchFile(FileReason.TOO_LARGE, f"limit {MAX_PART_BYTES // 1_000_000} MB a part")
            rows = rows[room:]
        if rejects:
            self._rejects = self._rejects or PartFile()
            self._rejects.write("".join(reject_csv_line(self._file_id, STAGE, reject) for reject in rejects).encode())
            self.rejects_by_rule.update(reject.rule for reject in rejects)

    def finish(self) -> tuple[int, ...]:
        if self._part_rows[-1]:
            self._put_part()
        if self._rejects:
            self._objects.put(extract_rejects_key(self._plan_id, self._file_id), self._rejects.finish())
        return tuple(self._part_rows)

    def _put_part(self) -> None:
        part, member = len(self._part_rows), self._part.finish()
        self._objects.put(extracted_rows_key(self._plan_id, self._file_id, part), member)
        self.carried = carried({"rows": member}).get("rows", "") if part == 1 else ""


def _rejected(source: SourceFile, reason: FileReason, detail: str) -> Extracted:
    """Return the result of a rejected file."""
    plan_id = GONE_PLAN_ID if reason is FileReason.GONE else REJECTED_PLAN_ID
    file = _unread(source, plan_id, Outcome.REJECTED)
    return Extracted(file._replace(reason=reason, detail=detail[:MAX_DETAIL_CHARACTERS]), (0,), {})


def _unread(source: SourceFile, plan_id: str, outcome: Outcome) -> FileSummary:
    """Summarise a file that was not read, or not completely: none of its lines is counted."""
    return FileSummary(source, plan_id, 1, outcome, "", "", "", _NOT_COUNTED, 0, 0)


def _announced(arrival: Arrival) -> SourceFile:
    order = version_order_of(arrival.announced_at, re_extract=arrival.re_extract)
    key = recorded_key(arrival.key)
    return SourceFile(
        file_id=arrival.file_id,
        bucket=arrival.bucket,
        key=key,
        version_id=arrival.version_id,
        last_modified=arrival.announced_at,
        version_order=order,
        size_bytes=arrival.size_bytes,
        sent_by=arrival.sent_by,
    )


def _as_stored(arrival: Arrival, source: SourceFile, stored: StoredFile, objects: Objects) -> SourceFile:
    """Replace the announced facts of a file by those of the stored object."""
    last_modified = _iso(stored.written_at)
    earlier = objects.earlier_in_second(arrival, stored.written_at)
    order = version_order_of(last_modified, earlier, arrival.re_extract)
    return source._replace(last_modified=last_modified, version_order=order, size_bytes=stored.size_bytes)


def _is_debris(key: str) -> bool:
    name = key.rpartition("/")[2].lower()
    return name in _DEBRIS or name.startswith("._")


def _require_a_readable_name(key: str) -> None:
    if mask_key(key) != key:
        # Two such files may have one recorded key, under which one would correct the other.
        raise UnreadableBranchFile(FileReason.PERSONAL_KEY)
    if recorded_key(key) != key:
        raise UnreadableBranchFile(FileReason.UNSUPPORTED_KEY)
    if not key.lower().endswith(READABLE_SUFFIXES):
        raise UnreadableBranchFile(FileReason.UNSUPPORTED_FILE)
    if not sender_of(key):
        raise UnreadableBranchFile(FileReason.NO_CAFE_IN_KEY)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
