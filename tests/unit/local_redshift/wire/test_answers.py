"""PostgreSQL's messages become Redshift's, without a value of a row."""

import pytest

from local_redshift.errors import RedshiftError
from local_redshift.wire import messages
from local_redshift.wire.answers import error_answer, notice, translate_error, translate_message
from local_redshift.wire.upstream import UpstreamError

CARD = "4111111111111111"


def test_an_error_of_data_does_not_repeat_the_row() -> None:
    fields = {
        "S": "ERROR",
        "V": "ERROR",
        "C": "23502",
        "M": "null value in column violates not-null constraint",
        "D": f"Failing row contains ({CARD}).",
        "W": f"COPY t, line 1: {CARD}",
    }

    assert translate_error(fields) == {"S": "ERROR", "C": "23502", "M": fields["M"]}


def test_an_error_of_a_statement_keeps_its_detail_and_hint() -> None:
    fields = {"S": "ERROR", "C": "42883", "M": "no such function", "D": "detail", "H": "hint", "P": "8", "R": "parse"}

    assert translate_error(fields) == {"S": "ERROR", "C": "42883", "M": "no such function", "D": "detail", "H": "hint"}


@pytest.mark.parametrize(("sqlstate", "expected"), [("40001", "XX000"), ("28P01", "28000"), ("40P01", "40P01")])
def test_some_codes_differ_in_redshift(sqlstate: str, expected: str) -> None:
    assert translate_error({"S": "ERROR", "C": sqlstate, "M": "m"})["C"] == expected


def test_a_cancelled_statement_is_named_by_the_number_of_its_query() -> None:
    fields = {"S": "ERROR", "C": "57014", "M": "canceling statement due to statement timeout"}

    assert translate_error(fields)["M"] == "Query (7710234) canceled on user's request"


def test_the_version_is_redshifts() -> None:
    sent = translate_message(messages.Message(b"S", b"server_version\x0018.1\0"))

    assert sent == messages.encode(b"S", b"server_version\x008.0.2\0")


def test_other_messages_pass_unchanged() -> None:
    message = messages.Message(b"D", b"\0\1\0\0\0\1x")

    assert translate_message(message) == message.encode()


def test_an_error_of_the_endpoint_has_its_hint() -> None:
    answer = error_answer(RedshiftError("0A000", "no", hint="do it another way"))

    assert messages.decode_fields(answer[5:]) == {"S": "ERROR", "C": "0A000", "M": "no", "H": "do it another way"}


def test_an_error_of_postgresql_is_translated() -> None:
    answer = error_answer(UpstreamError({"S": "FATAL", "C": "28P01", "M": "wrong password"}), "FATAL")

    assert messages.decode_fields(answer[5:]) == {"S": "FATAL", "C": "28000", "M": "wrong password"}


def test_a_notice_is_information() -> None:
    assert messages.decode_fields(notice("loaded")[5:]) == {"S": "INFO", "C": "00000", "M": "loaded"}
