"""`cafe try` says of a file what the pipeline does with it, and shows nothing that a customer left in it."""

import gzip
import json
from collections.abc import Generator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cafe.answers.file_form import FileForm, describe_form
from cafe.answers.remedies import remedy_for
from cafe.answers.trial import Trial, try_file
from cafe.generate.expectation import expect
from cafe.generate.samples import night, write_night
from fakes import WRITTEN_AT
from hostile.corpus import CORPUS
from hostile.judgement import PLANTED
from shared.contracts import LineCounts
from unit.cli.conftest import Run

# Larger ones test limits, which take seconds.
MOST_BYTES = 60_000
ROW = "25/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CARD,5494000000000016\n"


def tried(body: bytes, key: str = "head-office/2026/11/20/leeds.csv", now: datetime = WRITTEN_AT) -> Trial:
    def chunks() -> Generator[bytes]:
        yield from (body[start : start + 4_096] for start in range(0, len(body), 4_096))

    return try_file(key, len(body), chunks, now)


def test_each_sample_gives_what_the_generator_expects() -> None:
    for (key, file), path in zip(night(), sorted_samples(), strict=True):
        trial = tried(path.read_bytes(), f"head-office/{key}")

        total = expect([file]).total
        assert (trial.orders, trial.items, int(trial.amount * 100)) == (total.orders, total.item_rows, total.pence)
        assert [(day.name, day.orders) for day in trial.days] == [("2026-11-20", total.orders)] * bool(total.orders)
        assert [cafe.amount for cafe in trial.cafes] == [trial.amount] * bool(total.orders)


def sorted_samples() -> list[Path]:
    folder = Path(__file__).parents[3] / "samples" / "night"
    return [folder / key for key, _ in night()]


def test_every_hostile_file_gives_its_expected_result_and_no_personal_data() -> None:
    """The files and their expected results are those of the stages' own tests."""
    hostile = [file for file in CORPUS if len(file.body()) <= MOST_BYTES]
    assert len(hostile) > 120

    for file in hostile:
        trial = tried(file.body(), f"head-office/{file.key}")

        rejects = [(refusal.line_number, refusal.rule) for refusal in trial.refusals]
        assert (trial.reason or trial.outcome, trial.orders, int(trial.amount * 100)) == (
            file.outcome,
            file.orders,
            file.pence,
        ), file.name
        assert sorted(rejects) == sorted(file.rejects), file.name
        assert not PLANTED.found_in(json.dumps(asdict(trial), default=str).encode()), file.name
        assert all(refusal.remedy == remedy_for(refusal.rule) for refusal in trial.refusals)


def test_a_file_that_is_not_sorted_is_read_twice() -> None:
    later = ROW.replace("09:00", "10:00")

    trial = tried((later + ROW + later).encode(), now=datetime(2026, 11, 26, tzinfo=UTC))

    assert trial.orders == 3


def test_a_file_of_several_parts_is_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)

    trial = tried((ROW * 5).encode(), now=datetime(2026, 11, 26, tzinfo=UTC))

    assert (trial.orders, trial.items) == (5, 5)
    assert [(share.name, share.orders) for share in trial.cafes] == [("Leeds", 5)]


def test_parts_that_were_sent_before_a_file_was_refused_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)
    monkeypatch.setattr("extract.branch_csv.BranchCsvReader.line_counts", lambda *_: LineCounts(9, 0, 0, 0, 0, 0))

    trial = tried((ROW * 5).encode(), now=datetime(2026, 11, 26, tzinfo=UTC))

    assert (trial.outcome, trial.reason, trial.orders, trial.days) == ("rejected", "lines_lost", 0, ())


def test_parts_that_are_sent_twice_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.stage.ROWS_PER_PART", 2)

    trial = tried((ROW * 3 + ROW.replace("09:00", "08:00")).encode(), now=datetime(2026, 11, 26, tzinfo=UTC))

    assert (trial.orders, trial.rows) == (4, 4)


def test_a_file_on_which_transform_fails_would_load_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transform.third_normal_form.order_id", lambda _order: 1 / 0)

    trial = tried(ROW.encode(), now=datetime(2026, 11, 26, tzinfo=UTC))

    assert (trial.outcome, trial.reason, trial.orders, trial.days) == ("failed", "broke_transform", 0, ())
    assert not trial.is_whole


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"a,b\nc,d\n", FileForm("UTF-8", False, False, "LF", "comma", ""), id="plain"),
        pytest.param(b"\xef\xbb\xbfa;b\r\n", FileForm("UTF-8", True, False, "CRLF", "semicolon", ""), id="semicolons"),
        pytest.param(
            "a\tb\rc\td\n".encode("utf-16"), FileForm("UTF-16", True, False, "CR, LF", "tab", ""), id="two line ends"
        ),
        pytest.param(
            "caf\xe9|1\n".encode("cp1252"),
            FileForm("not UTF-8, perhaps Windows-1252", False, False, "LF", "vertical bar", ""),
            id="Windows",
        ),
        pytest.param(
            gzip.compress(b"time,branch,customer,Ada,price\n"), FileForm("UTF-8", False, True, "LF", "comma", ""),
            id="a name is no header",
        ),
        pytest.param(b"id,name,price", FileForm("UTF-8", False, False, "", "comma", "id, name, price"), id="columns"),
        pytest.param(b'"a;b;c",d\n"e;f;g",h\n', FileForm("UTF-8", False, False, "LF", "comma", ""), id="in quotes"),
        pytest.param(b"", FileForm("UTF-8", False, False, "", "", ""), id="empty"),
        pytest.param(gzip.compress(b"x")[:5], FileForm("UTF-8", False, True, "", "", ""), id="cut gzip"),
    ],
)  # fmt: skip
def test_how_a_file_is_written_is_described(body: bytes, expected: FileForm) -> None:
    assert describe_form([body[:1], body[1:]]) == expected


# --- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The night of yesterday, in a folder."""
    write_night(tmp_path / "last-night", (datetime.now(UTC) - timedelta(days=1)).date())
    return tmp_path / "last-night"


def one(folder: Path, cafe: str) -> str:
    (path,) = folder.rglob(f"*{cafe}*")
    return str(path)


def test_a_folder_shows_the_figures_of_the_demo_and_what_is_wrong(run: Run, folder: Path) -> None:
    result = run("try", str(folder))

    assert result.exit_code == 1
    assert "20 files: 18 would load, 1 in part, 1 not at all; 6,120 orders, £32,144.45" in result.stdout
    assert "unknown_dialect: columns seen: Sale ID, Customer Name" in result.stdout
    assert "Not known without a warehouse:" in result.stdout
    assert "Tester" not in result.stdout


def test_a_file_without_an_order_is_not_counted_as_loaded(run: Run, folder: Path) -> None:
    (folder / "closed.csv").write_bytes(b"")

    result = run("try", str(folder / "closed.csv"), one(folder, "leeds"))

    assert "2 files: 1 would load, 0 in part, 0 not at all, 1 without an order; " in result.stdout


def test_each_rejected_row_is_listed_with_its_rule_and_each_rule_with_its_remedy(run: Run, folder: Path) -> None:
    result = run("try", one(folder, "nottingham"))

    assert result.exit_code == 1
    assert "would load 294 of 305 orders" in result.stdout
    assert "11 rows would be rejected" in result.stdout
    assert [line.split()[:2] for line in result.stdout.splitlines() if line.strip().startswith("12 ")] == [
        ["12", "item_without_price"]
    ]
    assert f"total_mismatch: {remedy_for('total_mismatch')}" in result.stdout


def test_many_rejected_rows_are_cut_on_the_screen_and_whole_in_json(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "leeds.csv"
    path.write_text(ROW + ROW.replace("2.45,CARD", "3.45,CARD") * 25, encoding="utf-8")

    shown, answer = run("try", str(path)), json.loads(run("try", str(path), "--json").stdout)["data"]

    assert "… and 5 rows more; --json lists all" in shown.stdout
    assert [refusal["line_number"] for refusal in answer["files"][0]["refusals"]] == list(range(2, 27))
    assert answer["would_load"] is answer["files"][0]["would_load"] is False


def test_a_good_file_is_a_success_in_json_too(run: Run, folder: Path) -> None:
    result = run("try", one(folder, "isle-of-wight"), "--json")

    answer = json.loads(result.stdout)["data"]
    (file,) = answer["files"]
    assert result.exit_code == 0
    assert answer["would_load"] is True
    assert len(answer["not_known"]) == 3
    assert (file["dialect"], file["columns"]) == (
        "feed-a",
        ["time, branch, personal, basket, payment, total, personal"],
    )
    assert (file["orders"], file["amount"], file["refusals"]) == (540, "2823.40", [])


def test_a_cafes_own_file_is_judged_by_the_stricter_rules(run: Run, tmp_path: Path) -> None:
    old = datetime.now(UTC) - timedelta(days=90)
    path = tmp_path / f"leeds_{old:%d-%m-%Y}_09-00-00.csv"
    rows = f"{old:%d/%m/%Y} 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CASH,\n"
    path.write_text(rows + rows.replace("Leeds", "York"), encoding="utf-8")

    office, own = (run("try", str(path), *more, "--json") for more in ([], ["--as", "Leeds"]))

    assert office.exit_code == 0
    assert own.exit_code == 1
    assert rules_of(json.loads(own.stdout)["data"]) == [(1, "sale_too_old"), (2, "sale_too_old")]


def rules_of(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(refusal["line_number"], refusal["rule"]) for refusal in answer["files"][0]["refusals"]]


def test_a_file_that_the_cafe_may_not_send_is_refused(run: Run, folder: Path) -> None:
    result = run("try", one(folder, "bradford"), "--as", "Leeds")

    assert result.exit_code == 2
    assert "does not belong to leeds" in result.stderr


def test_a_file_without_orders_is_a_success(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "leeds.csv"
    path.write_bytes(b"")

    result = run("try", str(path))

    assert result.exit_code == 0
    assert "nothing to load" in result.stdout


def test_a_file_that_may_not_be_read_is_an_error(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leeds.csv"
    path.write_text(ROW, encoding="utf-8")

    def refuse(_path: Path, *_mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    result = run("try", str(path))

    assert result.exit_code == 2
    assert "cannot be read: Permission denied" in result.stderr
