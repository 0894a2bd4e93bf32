"""The lines of a file are counted twice, independently. A file whose counts differ is rejected."""

import pytest

from extract.branch_csv import BranchCsvReader
from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of
from shared.contracts import LineCounts, Outcome

ROWS = b"20/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n" * 3


def test_F13_a_file_is_rejected_if_the_reader_loses_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = BranchCsvReader.line_counts

    def one_too_few(reader: BranchCsvReader, total: int) -> LineCounts:
        counts = counted(reader, total)
        return LineCounts(counts.total, counts.orders - 1, 0, 0, 0, 0)

    monkeypatch.setattr(BranchCsvReader, "line_counts", one_too_few)
    outbox = FakeOutbox()

    file = extract_file(arrival_of("leeds.csv"), FakeObjects({"leeds.csv": ROWS}), outbox).file

    assert (file.outcome, file.reason, file.detail) == (Outcome.REJECTED, "lines_lost", "2 of 3 lines")
    assert [message.file for message in outbox.sent] == [file]
