"""The search for planted personal data finds it in every form, so that finding nothing proves something."""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from personal_data import ENCODINGS, PersonalData

NAME = "Zoë Quillfeather"
NUMBER = "4111111111111111"
PLANTED = PersonalData([NAME], [NUMBER, "4222222222222", "40000000000000010"])
TEXT = f"09:00,{NAME},{NUMBER}"
BOTH = {NAME, NUMBER}


def test_twelve_encodings_and_more_are_searched() -> None:
    assert len(ENCODINGS) >= 12


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("text", [TEXT, TEXT.upper(), TEXT.lower()], ids=["plain", "upper case", "lower case"])
def test_a_name_and_a_number_are_found_in_every_encoding(encode: Callable[[str], bytes], text: str) -> None:
    encoded = encode(text)

    assert PLANTED.found_in(encoded) == BOTH
    # A place holds more than the value. Only gzip must be the whole of an object.
    assert encoded.startswith(b"\x1f") or PLANTED.found_in(b'{"level":"INFO"} <' + encoded + b"> 7\n") == BOTH


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode("utf-16"),
        gzip.compress(TEXT.encode())[:-9],
        json.dumps({"problem": json.dumps(TEXT)}).encode(),
        repr(TEXT.encode("utf-16")).encode(),
        repr(TEXT.encode("latin-1")).encode(),
        quote_plus(TEXT).encode(),
        quote(TEXT.encode("latin-1")).encode(),
        TEXT.encode().hex().upper().encode(),
    ],
    ids=["utf-16", "incomplete gzip", "json in json", "python bytes of utf-16", "python bytes of latin-1",
         "url with plus signs", "url of latin-1", "upper case hex"],
)  # fmt: skip
def test_a_name_and_a_number_are_found_in_mixed_forms(body: bytes) -> None:
    assert PLANTED.found_in(body) == BOTH


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("after", ["", "x", "xy"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_value_is_found_anywhere_in_base64(before: str, after: str, encode: Callable[[bytes], bytes]) -> None:
    encoded = encode(f"{before}{TEXT}{after}".encode())

    assert PLANTED.found_in(b'{"body":"' + encoded.rstrip(b"=") + b'"}') == BOTH


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_a_digest_of_a_value_is_found_whole_or_cut_to_128_bits(algorithm: str) -> None:
    digests = [hashlib.new(algorithm, value.encode()).hexdigest() for value in (NAME, NUMBER)]

    assert PLANTED.found_in(" ".join(digests).encode()) == BOTH
    assert PLANTED.found_in(" ".join(digest[:32] for digest in digests).encode()) == BOTH


@pytest.mark.parametrize(
    "text",
    ["4111 1111 1111 1111", "4111-1111-1111-1111", "order 994111111111111111.0", "1 4111111111111111",
     "4111*1111|1111 - 1111", "1111111111111114", "٤١١١١١١١١١١١١١١١", "４１１１ １１１１ １１１１ １１１１"],
    ids=["blanks", "hyphens", "within other digits", "after another number", "other signs", "backwards", "arabic",
         "full-width"],
)  # fmt: skip
def test_a_number_is_found_with_any_grouping_and_next_to_any_text(text: str) -> None:
    assert PLANTED.found_in(text.encode()) == {NUMBER}


@pytest.mark.parametrize("number", ["4222222222222", "40000000000000010"])
def test_numbers_of_every_length_are_found(number: str) -> None:
    assert PLANTED.found_in(f"card={number};".encode()) == {number}


@pytest.mark.parametrize(
    "body",
    [b"", b"Zoe Featherquill 4111111111111112 411111111111111", gzip.compress(b"all is well"), b"\x1f\x8b no gzip"],
    ids=["empty", "others", "compressed", "only the first bytes of gzip"],
)  # fmt: skip
def test_texts_without_planted_values_give_nothing(body: bytes) -> None:
    assert PLANTED.found_in(body) == set()


def test_only_places_with_a_planted_value_are_returned() -> None:
    places = {"log": b"all is well", "queue": NUMBER.encode()}

    assert PLANTED.found_among(places) == {"queue": {NUMBER}}
