"""Messages are encoded and decoded."""

from local_redshift.wire import messages


def test_a_message_has_its_kind_its_length_and_its_body() -> None:
    assert messages.encode(b"Q", b"ab") == b"Q\0\0\0\6ab"
    assert messages.Message(b"Z", b"I").encode() == messages.ready_for_query(messages.IDLE)


def test_start_up_parameters_survive() -> None:
    parameters = {"user": "ada", "database": "caf\u00e9", "application_name": ""}

    assert messages.decode_parameters(messages.encode_parameters(parameters)) == parameters


def test_the_fields_of_an_error_survive() -> None:
    fields = {"S": "ERROR", "C": "42601", "M": "syntax error"}

    assert messages.decode_fields(messages.encode_fields(b"E", fields)[5:]) == fields


def test_a_row_is_read_with_its_nulls() -> None:
    body = b"\0\3" + b"\0\0\0\2ab" + b"\xff\xff\xff\xff" + b"\0\0\0\0"

    assert messages.decode_row(body) == ["ab", None, ""]
