"""A file ends with a reason before the function's time does, and never takes the time of the other files."""

import gzip
from collections.abc import Callable

import pytest

from extract.deadline import Deadline, OutOfTime
from extract.rules import FileReason, UnreadableBranchFile
from extract.stage import Extracted, extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from shared.contracts import Outcome

WHOLE = 120_000
GOOD = b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"


def deadline_at(remaining: int, *, used_seconds: float) -> Deadline:
    """Create the deadline of a file that has used the processor for so long."""
    processor = iter([7.0, 7.0 + used_seconds])
    return Deadline(lambda: remaining, WHOLE, lambda: next(processor))


def extracted(body: bytes, check_time: Callable[[], None], key: str = "leeds.csv") -> Extracted:
    return extract_file(arrival_of(key), FakeObjects({key: body}, chunk_bytes=1000), FakeOutbox(), check_time)


def checks(limit: int) -> Callable[[], None]:
    """Let a file be checked ``limit`` times; then its time is over."""
    left = [limit]

    def check() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise UnreadableBranchFile(FileReason.TOO_SLOW)

    return check


def test_a_file_may_take_all_but_an_eighth_of_the_time() -> None:
    deadline_at(WHOLE // 8, used_seconds=100).check()

    with pytest.raises(UnreadableBranchFile) as caught:
        deadline_at(WHOLE // 8 - 1, used_seconds=60).check()

    assert (caught.value.reason, caught.value.detail) == (FileReason.TOO_SLOW, "limit 60 seconds")


def test_a_file_that_other_files_or_s3_kept_waiting_is_tried_again() -> None:
    with pytest.raises(OutOfTime):
        deadline_at(0, used_seconds=59).check()


def test_a_file_without_time_left_is_rejected_with_its_reason() -> None:
    file = extracted(GOOD * 500, checks(3)).file

    assert (file.reason, file.rows) == (FileReason.TOO_SLOW, 0)


def test_a_file_that_is_read_in_its_time_is_not() -> None:
    assert extracted(GOOD * 500, checks(1000)).file.rows == 500


def test_the_time_is_checked_even_if_nothing_comes_out_of_the_compressed_file() -> None:
    members = gzip.compress(b"") * 5000 + gzip.compress(GOOD)

    assert extracted(members, checks(200), "leeds.csv.gz").file.reason == FileReason.TOO_SLOW


def test_the_time_of_an_unsorted_file_is_one_for_all_its_passes() -> None:
    unsorted = GOOD.replace(b"09:00", b"09:01") + GOOD * 500
    passes: list[int] = []

    extracted(unsorted, lambda: passes.append(1))

    assert extracted(unsorted, checks(len(passes) - 1)).file.reason == FileReason.TOO_SLOW


def test_an_error_of_the_code_ends_the_file_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.branch_csv.BranchCsvReader.read", lambda *_: [][0])

    result = extracted(GOOD, lambda: None)

    assert (result.file.reason, result.file.detail) == (FileReason.BROKE_EXTRACT, "IndexError")
    assert isinstance(result.failure, IndexError)


@pytest.mark.parametrize("key", ["2026/11/20/", "2026/11/20/.DS_Store", "2026/11/20/._leeds.csv", "Thumbs.db"])
def test_what_a_file_manager_leaves_behind_is_an_empty_file(key: str) -> None:
    assert extracted(b"\0\5\x16\7", lambda: None, key).file.outcome is Outcome.EMPTY


def test_a_part_of_too_many_bytes_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.stage.MAX_PART_BYTES", 1000)

    file = extracted(GOOD * 500, lambda: None).file

    assert file.reason == FileReason.TOO_LARGE
