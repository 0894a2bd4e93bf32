"""`cafe dialect`: what is listed and shown, and how a document that is not in the product yet is tried."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from extract.dialects.catalogue import shipped
from unit.cli.conftest import Run

EXPORT = """\
Receipt No;Sold at;Branch;Served by;Product;Qty;Unit price;Receipt total;Paid with
90017;13.09.2025 08:03;Harrogate;Zoe Secret;Flat white;2;3,20;9,35;Contactless
90017;13.09.2025 08:03;Harrogate;Zoe Secret;Almond croissant;1;2,95;9,35;Contactless
90018;13.09.2025 08:09;Harrogate;Zoe Secret;Pot of tea;1;2,80;2,80;Cash
"""
ROW = "25/11/2026 09:00,Leeds,Ada Tester,Large Latte - 2.45,2.45,CARD,5494000000000016\n"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


@pytest.fixture
def draft(run: Run, export: Path) -> Path:
    path = export.with_name("new.toml")
    path.write_text(run("dialect", "propose", str(export)).stdout, encoding="utf-8")
    return path


def test_all_dialects_are_listed(run: Run) -> None:
    listed = json.loads(run("dialect", "list", "--json").stdout)["data"]["dialects"]

    assert [dialect["name"] for dialect in listed] == [document.name for document in shipped().documents]
    assert all(dialect["shown_by"] for dialect in listed)


def test_a_document_is_shown_as_it_is(run: Run) -> None:
    text = (files("extract.dialects") / "tabs.toml").read_text(encoding="utf-8")

    assert run("dialect", "show", "tabs").stdout == text
    assert json.loads(run("dialect", "show", "TABS", "--json").stdout)["data"]["text"] == text


def test_an_unknown_dialect_is_an_error_that_names_the_others(run: Run) -> None:
    result = run("dialect", "show", "till")

    assert result.exit_code == 2
    assert "There is no dialect 'till'" in result.stderr
    assert "feed-b" in result.stderr


def test_a_strangers_export_is_loaded_by_its_draft_as_it_stands(run: Run, export: Path, draft: Path) -> None:
    before, after = run("try", str(export)), run("dialect", "try", str(export), "--dialect", str(draft), "--rows")

    assert before.exit_code == 1
    assert "cafe dialect propose FILE" in before.stdout
    assert after.exit_code == 0
    assert "would load 2 of 2 orders, 3 items, £12.15" in after.stdout
    assert "Flat white - 3.20, Flat white - 3.20, Almond croissant - 2.95" in after.stdout
    assert "Secret" not in draft.read_text(encoding="utf-8") + after.stdout + after.stderr


def test_the_two_names_of_the_command_give_one_answer(run: Run, export: Path, draft: Path) -> None:
    answers = [
        json.loads(run(*name, str(export), "--dialect", str(draft), "--rows", "--json").stdout)["data"]
        for name in (["try"], ["dialect", "try"])
    ]

    assert answers[0] == answers[1]
    assert [row["line_number"] for row in answers[0]["files"][0]["canonical_rows"]] == [2, 4]


def test_canonical_rows_are_there_only_on_request(run: Run, export: Path, draft: Path) -> None:
    answer = json.loads(run("try", str(export), "--dialect", str(draft), "--json").stdout)["data"]

    assert answer["files"][0]["canonical_rows"] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('is = "branch"', 'is = "café"', 'columns 3: is: holds "café"; allowed: ', id="not allowed"),
        pytest.param('name = "new"', 'name = "feed-b"', "feed-b.toml has the name feed-b too", id="another's name"),
        pytest.param(
            "5,95",
            "9,95",
            "example 1 states other rows than are read",
            id="an example that is not so",
        ),
    ],
)
def test_a_document_with_a_fault_is_refused(run: Run, export: Path, draft: Path, old: str, new: str, said: str) -> None:
    text = draft.read_text(encoding="utf-8")
    assert old in text
    draft.write_text(text.replace(old, new), encoding="utf-8")

    result = run("dialect", "try", str(export), "--dialect", str(draft))

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_an_example_whose_key_names_another_cafe_says_what_to_change(run: Run, tmp_path: Path) -> None:
    export, document = tmp_path / "export.csv", tmp_path / "new.toml"
    export.write_text("When;Product;Price;Payment\n13/08/2021 09:00;Tea;2.10;CASH\n", encoding="utf-8")
    draft = run("dialect", "propose", str(export)).stdout
    document.write_text(draft.replace('from = "key"', 'from = "constant"\nname = "York"'), encoding="utf-8")

    result = run("dialect", "try", str(export), "--dialect", str(document))

    assert result.exit_code == 2
    assert '"2 foreign_branch"' in result.stderr
    assert "Delete the key" in result.stderr


def test_a_document_that_reads_anothers_rows_is_refused_with_the_row(run: Run, export: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.toml"
    twin.write_text(run("dialect", "show", "tabs").stdout.replace('"tabs"', '"twin"'), encoding="utf-8")

    result = run("dialect", "try", str(export), "--dialect", str(twin))

    assert result.exit_code == 2
    assert "Both twin and tabs read a row" in result.stderr or "Both tabs and twin read a row" in result.stderr
    assert "25/08/2021 09:00" in result.stderr


def test_a_document_of_the_product_can_be_tried_with_a_change(run: Run, tmp_path: Path) -> None:
    changed, path = tmp_path / "feed-b.toml", tmp_path / "leeds.csv"
    changed.write_text(run("dialect", "show", "feed-b").stdout, encoding="utf-8")
    path.write_text(ROW, encoding="utf-8")

    assert run("try", str(path), "--dialect", str(changed)).exit_code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"\xff\xfe", "is not UTF-8"), (b"name = ", "is not TOML")],
    ids=["missing", "binary", "not TOML"],
)
def test_a_document_that_cannot_be_read_is_an_error(
    run: Run, export: Path, tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "other.toml"
    if content is not None:
        path.write_bytes(content)

    result = run("dialect", "try", str(export), "--dialect", str(path))

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_in_a_known_dialect_gets_no_draft(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "leeds.csv"
    path.write_text(ROW, encoding="utf-8")

    shown, answer = run("dialect", "propose", str(path)), run("dialect", "propose", str(path), "--json")

    assert (shown.exit_code, shown.stdout, answer.exit_code) == (1, "", 1)
    assert "feed-b reads 1 of its 1 order. For more: cafe dialect try " in shown.stderr
    assert json.loads(answer.stdout)["data"]["read_by"] == "feed-b"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("leeds.xlsx", b"PK\x03\x04", "unsupported_file"),
        ("leeds.csv", b"hello\n" * 3, "no row has three cells or more"),
        ("leeds.csv", b"", "no row has three cells or more"),
        ("leeds.csv.gz", b"\x1f\x8bxx", "bad_gzip"),
    ],
    ids=["a spreadsheet", "no table", "empty", "damaged"],
)
def test_a_file_from_which_nothing_can_be_drafted_is_an_error(
    run: Run, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    result = run("dialect", "propose", str(path))

    assert result.exit_code == 2
    assert said in result.stderr


def test_the_json_of_a_draft_has_its_guesses_and_questions(run: Run, export: Path, draft: Path) -> None:
    answer = json.loads(run("dialect", "propose", str(export), "--json").stdout)["data"]

    assert answer["draft"] == draft.read_text(encoding="utf-8")
    assert answer["is_valid"]
    assert [column["kind"] for column in answer["columns"]].count("personal") == 1
    assert all(f"# QUESTION: {question}" in answer["draft"] for question in answer["questions"])
