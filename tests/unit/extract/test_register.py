"""The register of cafés: spellings, what it refuses, and the text in which it is kept."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.register import Cafe, NotACafe, Register, SpellingTaken, UnreadableRegister, key_of_name

SINCE = "2026-11-20"
LEEDS = Register().with_cafe("Leeds", SINCE)


@pytest.mark.parametrize("name", ["Leeds", "LEEDS", " leeds ", "leeds"])
def test_a_cafe_is_found_by_any_spelling(name: str) -> None:
    assert LEEDS.named(name) == Cafe("Leeds", "Leeds", "leeds", SINCE)


def test_a_cafe_whose_key_looks_different_is_found_by_both_but_only_its_key_speaks_for_it() -> None:
    register = Register().with_cafe("London Brixton", SINCE, key="brixton")

    assert register.named("london-brixton") == register.named("BRIXTON")
    assert register.with_key("brixton") is not None
    assert register.with_key("london_brixton") is None


@pytest.mark.parametrize(("name", "key"), [("leeds", ""), ("York", "LEEDS"), ("le\N{NO-BREAK SPACE}eds", "Leeds")])
def test_two_cafes_never_share_a_spelling(name: str, key: str) -> None:
    with pytest.raises(SpellingTaken, match="Leeds"):
        LEEDS.with_cafe(name, SINCE, key)


@pytest.mark.parametrize("name", ["", " ", "Head Office", "head_office", "Smoke test", "smoke-test"])
def test_a_name_that_no_cafe_can_have_is_refused(name: str) -> None:
    with pytest.raises(NotACafe, match="cannot be a café"):
        LEEDS.with_cafe(name, SINCE)
    with pytest.raises(NotACafe, match="cannot be a café"):
        LEEDS.renamed("Leeds", name)


@pytest.mark.parametrize("field", ["name", "written_as", "key"])
def test_a_register_from_before_a_name_was_reserved_is_still_read(field: str) -> None:
    body = json.loads(LEEDS.text())
    body["cafes"][0][field] = "smoke test"

    register = Register.parse(json.dumps(body))

    assert Register.parse(register.with_cafe("York", SINCE).text()).named("York")
    with pytest.raises(NotACafe):
        register.with_cafe("Smoke-Test", SINCE)


@pytest.mark.parametrize("name", ["", "Head Office"])
def test_a_name_that_was_never_possible_makes_a_register_unreadable_and_is_named(name: str) -> None:
    body = json.loads(LEEDS.text())
    body["cafes"][0]["name"] = name

    with pytest.raises(UnreadableRegister, match=f"'{name}' cannot be a café"):
        Register.parse(json.dumps(body))


def test_a_renamed_cafe_is_found_by_both_names_and_written_as_before() -> None:
    renamed = LEEDS.renamed("leeds", "Leeds Central")

    assert renamed.named("Leeds") == renamed.named("leeds-central") == Cafe("Leeds Central", "Leeds", "leeds", SINCE)
    with pytest.raises(SpellingTaken):
        renamed.with_cafe("York", SINCE).renamed("York", "Leeds")
    with pytest.raises(KeyError):
        LEEDS.renamed("York", "Hull")


def test_the_revision_changes_with_what_rows_depend_on_only() -> None:
    assert Register().revision == ""
    assert LEEDS.revision == Register(LEEDS.cafes, is_closed=True).revision
    assert len({LEEDS.revision, LEEDS.renamed("Leeds", "Hull").revision, LEEDS.with_cafe("York", SINCE).revision}) == 3


names = st.lists(st.text(min_size=1).filter(str.strip), max_size=5)


@given(names=names, is_closed=st.booleans())
def test_what_is_written_is_read_again(names: list[str], is_closed: bool) -> None:
    register = Register(is_closed=is_closed)
    for name in names:
        try:
            register = register.with_cafe(name, SINCE)
        except ValueError:
            continue

    assert Register.parse(register.text()) == register


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "is_closed": false, "cafes": []}',
        '{"version": 1, "is_closed": false, "cafes": [{}]}',
        '{"version": 1, "is_closed": false, "cafes": 7}',
        "null",
    ],
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRegister):
        Register.parse(text)


def test_a_register_with_one_spelling_twice_is_refused() -> None:
    body = json.loads(LEEDS.text())
    body["cafes"].append(body["cafes"][0] | {"since": "2026-11-21"})

    with pytest.raises(UnreadableRegister, match="Leeds"):
        Register.parse(json.dumps(body))


@pytest.mark.parametrize(
    ("name", "key"),
    [("Newcastle upon Tyne", "newcastle_upon_tyne"), ("Southend-on-Sea", "southend-on-sea"), ("A/B", "a-b")],
)
def test_keys_are_spelled_as_tills_do(name: str, key: str) -> None:
    assert key_of_name(name) == key
