"""What a key says about its sender, against every key that the policy of branches lets a café put."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.senders import document_of, sender_of, spelling, till_of_key
from template.stack import Stack, read_source

STACK = Stack(read_source())
# BranchUploadPolicy's resources after the bucket's ARN. IAM's * is any text, ? any one character; both may be a slash.
ALLOWED = tuple(
    STACK.text(resource)
    .removeprefix(STACK.text({"Fn::GetAtt": ["DropBucket", "Arn"]}))
    .replace("${aws:PrincipalTag/branch}", "{branch}")
    for statement in STACK.statements("AWS::IAM::ManagedPolicy")
    if statement.owner.logical_id == "BranchUploadPolicy"
    for resource in statement.resources
)
BRANCHES = ["leeds", "london", "london_brixton", "brixton", "isle-of-wight", "wight", "of-wight", "st._ives", "23", "x"]
PIECES = [
    *BRANCHES,
    "head-office",
    "/",
    "_",
    "-",
    " ",
    "(",
    "_till-",
    ".csv",
    "2021",
    "25-08-2021_09-00-00",
    "2021-02-23",
    "8",
    "ab-cd-efgh",
]
keys = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def matches(pattern: str, key: str) -> bool:
    """Match as IAM does: case counts, and only * and ? are special."""
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regex, f"/{key}", re.DOTALL) is not None


@pytest.mark.parametrize(
    ("name", "till"),
    [
        ("leeds_25-08-2021_21-00-00_till-2.csv", "2"),
        ("leeds_25-08-2021_21-00-00_Till_02.csv", "02"),
        ("2021-02-23-leeds (till 12).csv.gz", "12"),
        ("till1.csv", "1"),
        ("till-1_till-2.csv", "2"),
        ("2021-02-23-isle-of-wight_till-2.csv", "2"),
        ("till_3_25-08-2021_21-00-00.csv", ""),
        ("till_3_25-08-2021_21-00-00_till-4.csv", "4"),
        ("2021-02-23-till-3.csv", ""),
        ("2021-02-23-till-3_till-4.csv", "4"),
        ("leeds_25-08-2021_21-00-00.csv", ""),
        ("tilltown_25-08-2021_21-00-00.csv", ""),
        ("still2.csv", ""),
        ("leeds_until_2021.csv", ""),
        ("till-2021.csv", ""),
        ("till.csv", ""),
    ],
)
def test_the_end_of_a_name_may_say_the_till(name: str, till: str) -> None:
    assert till_of_key(f"head-office/till-9/2021/8/25/{name}") == till


@pytest.mark.parametrize(
    ("key", "sender"),
    [
        ("2021/8/25/leeds_25-08-2021_09-00-00.csv", "leeds"),
        ("2021/8/25/leeds_25-08-2021_09-00-00_done.csv.gz", "leeds"),
        ("2021/8/25/london_brixton_25-08-2021_08-00-00(in).csv", "london_brixton"),
        ("2021/2/23/2021-02-23-isle-of-wight.csv", "isle-of-wight"),
        ("2021/2/23/2021-02-23-isle-of-wight (1).csv.gz", "isle-of-wight"),
        ("2021/2/23/2021-02-23-isle-of-wight_till-2.csv", "isle-of-wight"),
        ("2021/2/23/2021-02-23-isle_tilltown.csv", "isle_tilltown"),
        ("2021/2/23/2021-02-23-st._ives.csv", "st._ives"),
        ("head-office/2021/8/25/chesterfield.csv", "head-office"),
        ("head-office/any/thing at all.csv", "head-office"),
        ("2021/8/25/chesterfield.csv", ""),
        ("2021/8/25/_25-08-2021_09-00-00.csv", ""),
        ("2021/8/leeds_/york_25-08-2021_09-00-00.csv", ""),
        ("2021/8/25/leeds_/york_25-08-2021_09-00-00.csv", ""),
        ("x/2021/8/25/leeds_25-08-2021_09-00-00.csv", ""),
        ("head-offices/2021/8/25/leeds.csv", ""),
        ("leeds_25-08-2021_09-00-00.csv", ""),
        ("", ""),
    ],
)
def test_a_key_names_its_sender(key: str, sender: str) -> None:
    assert sender_of(key) == sender


def test_the_policy_of_branches_allows_keys_of_both_feeds() -> None:
    def is_allowed(key: str) -> bool:
        return any(matches(allowed.format(branch="leeds"), key) for allowed in ALLOWED)

    assert is_allowed("2021/8/25/leeds_25-08-2021_09-00-00.csv")
    assert is_allowed("2021/8/25/leeds_25-08-2021_09-00-00_done.csv.gz")
    assert is_allowed("2021/8/5/2021-08-05-leeds.csv.gz")
    assert is_allowed("2021/8/5/2021-08-05-leeds(1).csv")
    assert is_allowed("2021/8/5/2021-08-05-leeds copy.csv")
    assert is_allowed("2021/8/5/2021-08-05-leeds_till-2.csv")


@given(
    branch=st.sampled_from(BRANCHES),
    allowed=st.sampled_from(ALLOWED),
    year=st.sampled_from(["2021", "head", "x/20", "/202", "20/1"]),
    folder=st.one_of(
        keys, st.sampled_from(["8/25", "8", "8/25/x", "1/8/2", "-office/2021/8/25", "head-office/2021/8/25", ""])
    ),
    after=keys,
    wild=st.lists(st.sampled_from("0189-_/ab."), min_size=14, max_size=14),
)
def test_a_key_that_a_cafe_may_put_names_that_cafe_or_nobody(
    branch: str, allowed: str, year: str, folder: str, after: str, wild: list[str]
) -> None:
    pattern = allowed.format(branch=branch)
    signs, texts = iter(wild), iter([folder, after])
    filled_in = {"?": lambda: next(signs), "*": lambda: next(texts)}

    key = "".join(filled_in[sign]() if sign in filled_in else sign for sign in pattern.replace("????", year, 1))

    assert matches(pattern, key.removeprefix("/"))
    assert sender_of(key.removeprefix("/")) in (branch, "")


@given(branch=st.sampled_from(BRANCHES), key=keys)
def test_whatever_is_put_together_from_cafes_names_is_never_read_as_another(branch: str, key: str) -> None:
    if any(matches(allowed.format(branch=branch), key) for allowed in ALLOWED):
        assert sender_of(key) in (branch, "")


def test_a_document_is_the_same_for_every_sender() -> None:
    key = "2021/8/25/leeds_25-08-2021_09-00-00.csv"

    assert document_of(f"head-office/{key}") == document_of(key) == key


@pytest.mark.parametrize(
    "name",
    ["Southend-on-Sea", "southend on sea", "SOUTHEND_ON_SEA", " Southend\N{NO-BREAK SPACE}on  Sea ", "southend-on-sea"],
)
def test_spellings_of_one_cafe_are_equal(name: str) -> None:
    assert spelling(name) == "southend on sea"


def test_composed_and_combined_accents_are_equal_and_other_letters_are_not() -> None:
    assert spelling("Cafe\N{COMBINING ACUTE ACCENT}") == spelling("CAFÉ") != spelling("Cafe")
