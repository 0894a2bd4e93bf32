"""The emulator's record of grants: a grant counts as used only if nothing else admitted the call."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from patched_ministack import seams
from patched_ministack.grants import Record, principal_of

FILE = "arn:aws:s3:::drop/a.csv"


@dataclass
class Statement:
    sid: str
    actions: list[str] = field(default_factory=lambda: ["s3:GetObject"])
    resources: list[str] = field(default_factory=lambda: [FILE])


@dataclass
class Context:
    action: str = "s3:GetObject"
    resource_arn: str = FILE
    principal_arn: str = "arn:aws:sts::000000000000:assumed-role/extract/session"


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Record:
    """An empty record, with an evaluator that compares whole names."""

    def first_match(context: Context, statements: list[Statement], _effect: str) -> Any:
        found = [s for s in statements if context.action in s.actions and context.resource_arn in s.resources]
        return found[0] if found else None

    monkeypatch.setattr(seams, "FIRST_MATCH", first_match)
    return Record()


def answer(record: Record) -> Any:
    return json.loads(record.answer())


def test_the_one_grant_that_admitted_a_call_is_used(record: Record) -> None:
    statement = Statement("Read", ["s3:PutObject", "s3:GetObject"], ["arn:aws:s3:::staging", FILE])

    record.add(Context(), [statement, Statement("Other", ["sqs:SendMessage"])])

    assert answer(record) == {"used": [["extract", "Read", "s3:GetObject", FILE]], "refused": []}


def test_of_two_grants_that_admit_the_same_call_none_is_needed(record: Record) -> None:
    record.add(Context(), [Statement("Read"), Statement("ReadToo")])

    assert answer(record) == {"used": [], "refused": []}


def test_a_refused_call_is_recorded_with_its_action(record: Record) -> None:
    record.refuse(Context.principal_arn, "s3:PutObject")

    assert answer(record) == {"used": [], "refused": [["extract", "s3:PutObject"]]}


def test_a_record_can_begin_again(record: Record) -> None:
    record.add(Context(), [Statement("Read")])
    record.refuse(Context.principal_arn, "s3:PutObject")

    record.forget()

    assert answer(record) == {"used": [], "refused": []}


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:sts::000000000000:assumed-role/cafe-dev-extract/session", "cafe-dev-extract"),
        ("arn:aws:iam::000000000000:role/service/cafe-dev-check", "cafe-dev-check"),
        ("arn:aws:iam::000000000000:user/leeds", "leeds"),
        ("s3.amazonaws.com", "s3.amazonaws.com"),
        ("arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:root"),
        ("", ""),
    ],
    ids=["a session", "a role with a path", "a user", "a service", "root", "nobody"],
)
def test_a_principal_has_the_name_of_its_role_or_user(arn: str, name: str) -> None:
    assert principal_of(arn) == name
