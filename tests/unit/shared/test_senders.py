"""What a key says about its sender, against every key that the policy of branches lets a café put."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.senders import document_of, sender_of, spelling

# BranchUploadPolicy's resources after the bucket's ARN. IAM's * is any text, ? any one character; both may be a slash.
ALLOWED = (
    "/*/{branch}_??-??-????_??-??-??*",
    "/*/????-??-??-{branch}.csv*",
    "/*/????-??-??-{branch}(*",
    "/*/????-??-??-{branch} *",
)
BRANCHES = ["leeds", "london", "london_brixton", "brixton", "isle-of-wight", "wight", "of-wight", "st._ives", "23", "x"]
PIECES = [*BRANCHES, "/", "_", "-", " ", "(", ".csv", "2021", "25-08-2021_09-00-00", "2021-02-23", "8", "ab-cd-efgh"]
keys = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def matches(pattern: str, key: str) -> bool:
    """Match as IAM does: case counts, and only * and ? are special."""
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regex, f"/{key}", re.DOTALL) is not None


@pytest.mark.parametrize(
    ("key", "sender"),
    [
        ("2021/8/25/leeds_25-08-2021_09-00-00.csv", "leeds"),
        ("2021/8/25/leeds_25-08-2021_09-00-00_done.csv.gz", "leeds"),
        ("2021/8/25/london_brixton_25-08-2021_08-00-00(in).csv", "london_brixton"),
        ("2021/2/23/2021-02-23-isle-of-wight.csv", "isle-of-wight"),
        ("2021/2/23/2021-02-23-isle-of-wight (1).csv.gz", "isle-of-wight"),
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


@given(
    branch=st.sampled_from(BRANCHES),
    allowed=st.sampled_from(ALLOWED),
    before=keys,
    after=keys,
    wild=st.lists(st.sampled_from("0189-_/ab."), min_size=14, max_size=14),
    folder=st.sampled_from(["2021/8/25", "2021/8", "2021/8/25/x", "20/21", "2021/8/2", ""]),
)
def test_a_key_that_a_cafe_may_put_names_that_cafe_or_nobody(
    branch: str, allowed: str, before: str, after: str, wild: list[str], folder: str
) -> None:
    pattern = allowed.format(branch=branch)
    signs = iter(wild)
    name = "".join(next(signs) if sign == "?" else sign for sign in pattern.removeprefix("/*/").removesuffix("*"))
    for start in (folder, before, f"{folder}/{before}"):
        key = f"{start}/{name}{after}"
        assert matches(pattern, key)
        assert sender_of(key) in (branch, "")


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
