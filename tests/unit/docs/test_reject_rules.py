"""docs/reject-rules.md has every code with its remedy, and every example is rejected with its code."""

import re

import pytest

import extract.rules
import load.rules
import transform.rules
from extract.stage import extract_file
from fakes import FakeObjects, FakeOutbox, arrival_of, extract_bytes
from shared.contracts import ExtractedPart
from shared.rejects import Explained
from transform.stage import transform_part
from unit.docs.pages import blocks, page, sections

PAGE = page("reject-rules")
RULES = sections(sections(PAGE, 2)["Rules for rows"], 3)
REASONS = sections(sections(PAGE, 2)["Reasons for files"], 3)
FAILURES = sections(sections(PAGE, 2)["Reasons for failures"], 3)
STAGES = {"extract": extract.rules.Rule, "transform": transform.rules.Rule}
EXAMPLES = [
    (rule, line) for rule, section in RULES.items() for block in blocks(section, "csv") for line in block.splitlines()
]
GOOD = "25/08/2021 08:00,Chesterfield,Flo Nobody,Large Mocha - 2.70,2.7,CASH,"


def expand_placeholders(text: str) -> str:
    """Replace ``⟨U+200B⟩`` and ``⟨y × 65,537⟩`` by what they describe, and ``⟨byte E9⟩`` for `surrogateescape`."""
    text = re.sub(r"⟨byte ([0-9A-F]{2})⟩", lambda found: bytes.fromhex(found[1]).decode(errors="surrogateescape"), text)
    text = re.sub(r"⟨U\+([0-9A-F]{4})⟩", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"⟨(.) × ([0-9,]+)⟩", lambda found: found[1] * int(found[2].replace(",", "")), text)


def quoted(section: str) -> str:
    return " ".join(re.findall(r"^> (.+)$", section, re.MULTILINE))


def rejects_of(body: bytes) -> list[tuple[int, str]]:
    """Run a branch file through extract and transform; give the line and rule of each row that they rejected."""
    objects, outbox = FakeObjects({"leeds.csv": body}), FakeOutbox()
    extract_file(arrival_of("leeds.csv"), objects, outbox)
    for message in outbox.sent:
        assert isinstance(message, ExtractedPart)
        transform_part(message, objects, FakeOutbox())
    lines = [line for key in objects.staged if key.startswith("rejects/") for line in objects.text(key).splitlines()]
    return [(int(line_number), rule) for _, line_number, _, rule, _ in (line.split(",") for line in lines)]


@pytest.mark.parametrize(
    ("documented", "enums"),
    [
        (RULES, tuple(STAGES.values())),
        (REASONS, (extract.rules.FileReason, load.rules.FileReason)),
        (FAILURES, (transform.rules.FailureReason, load.rules.FailureReason)),
    ],
    ids=["rules", "reasons", "failures"],
)
def test_the_page_has_every_code_in_the_order_of_the_code_with_its_remedy(
    documented: dict[str, str], enums: tuple[type[Explained], ...]
) -> None:
    documented_remedies = [(code, quoted(section)) for code, section in documented.items()]

    assert documented_remedies == [(str(member), member.remedy) for enum in enums for member in enum]


@pytest.mark.parametrize(("stage", "rules"), STAGES.items())
def test_the_page_names_the_stage_that_applies_a_rule(stage: str, rules: type[Explained]) -> None:
    assert all(f"\nStage: {stage}." in RULES[rule] for rule in rules)


@pytest.mark.parametrize(("rule", "line"), EXAMPLES, ids=lambda text: text[:40])
def test_an_example_is_rejected_with_its_rule_and_no_other(rule: str, line: str) -> None:
    body = "".join(f"{row}\n" for row in (GOOD, expand_placeholders(line), GOOD))

    assert rejects_of(body.encode(errors="surrogateescape")) == [(2, rule)]


def test_every_rule_has_an_example_except_that_of_a_fault_of_the_pipeline() -> None:
    without = [rule for rule, section in RULES.items() if not blocks(section, "csv") + blocks(section, "sent")]

    assert without == [transform.rules.Rule.UNREADABLE_ROW]


SENT = [(code, file) for code, section in (RULES | REASONS).items() for file in blocks(section, "sent")]


@pytest.mark.parametrize(("code", "example"), SENT)
def test_a_file_that_a_cafe_sends_is_rejected_as_the_page_says(code: str, example: str) -> None:
    key, *lines = example.splitlines()
    body = "".join(f"{line}\n" for line in lines).encode()
    objects = FakeObjects({key: body})

    file = extract_file(arrival_of(key, sender=""), objects, FakeOutbox()).file

    refused = "".join(objects.text(staged) for staged in objects.staged if staged.startswith("rejects/"))
    assert file.reason == code or f",{code}," in refused


def test_rules_that_need_a_key_or_a_header_have_files_as_examples() -> None:
    assert {code for code, _ in SENT} == {
        extract.rules.Rule.SALE_TOO_OLD,
        extract.rules.Rule.FOREIGN_BRANCH,
        extract.rules.Rule.ITEM_WITHOUT_PRICE,
        extract.rules.Rule.BAD_DISCOUNT,
        extract.rules.FileReason.NO_CAFE_IN_KEY,
    }


@pytest.mark.parametrize(
    ("reason", "key"),
    [(reason, key) for reason, section in REASONS.items() for keys in blocks(section, "key") for key in keys.split()],
)
def test_a_file_name_on_the_page_is_rejected_for_its_reason(reason: str, key: str) -> None:
    extracted, _ = extract_bytes(f"{GOOD}\n".encode(), expand_placeholders(key))

    assert extracted.file.reason == reason


@pytest.mark.parametrize(
    ("reason", "file"), [(reason, file) for reason, section in REASONS.items() for file in blocks(section, "file")]
)
def test_a_file_on_the_page_is_rejected_for_its_reason(reason: str, file: str) -> None:
    extracted, _ = extract_bytes(file.encode())

    assert extracted.file.reason == reason
