"""The endpoint's command line, and requests to its control port."""

import json
from pathlib import Path

import pytest

from local_redshift.__main__ import main, parse_arguments, write_ready_file
from local_redshift.control import Administrator

NEEDED = [
    *("--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"),
    *("--postgres", "127.0.0.1:5432", "--postgres-password-file", "password"),
    *("--control-token-file", "token"),
]


def test_the_help_text_names_what_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])

    text = capsys.readouterr().out
    assert end.value.code == 0
    for needed in ("AWS_ENDPOINT_URL", "--ready-file", "SIGTERM", '"roles"'):
        assert needed in text


def test_addresses_are_host_and_port() -> None:
    options = parse_arguments(NEEDED)

    assert options.listen == ("127.0.0.1", 0)
    assert options.postgres == ("127.0.0.1", 5432)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "required"),
        ([*NEEDED, "--listen", "5439"], "not HOST:PORT"),
        ([*NEEDED, "--key", "k"], "belong together"),
        ([*NEEDED, "--certificate", "c"], "belong together"),
    ],
)
def test_a_wrong_command_line_is_refused(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse_arguments(arguments)

    assert end.value.code == 2
    assert problem in capsys.readouterr().err


def test_the_ready_file_appears_whole(tmp_path: Path) -> None:
    write_ready_file(tmp_path / "ready", {"port": 1, "control_port": 2})

    assert [path.name for path in tmp_path.iterdir()] == ["ready"]
    assert json.loads((tmp_path / "ready").read_text()) == {"port": 1, "control_port": 2}


def test_an_administrator_is_read() -> None:
    said = {"user": "cafe_admin", "password": "p", "database": "cafe", "roles": ["arn:aws:iam::1:role/r"]}

    administrator = Administrator.from_json(json.dumps(said).encode())

    assert administrator == Administrator("cafe_admin", "p", "cafe", ("arn:aws:iam::1:role/r",))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"{}",
        b'{"user": "u", "password": "secret", "database": "d"}',
        b'{"user": "u", "password": "secret", "database": "d", "roles": "r"}',
        b'{"user": "", "password": "secret", "database": "d", "roles": []}',
        b'{"user": "u", "password": "secret", "database": "d", "roles": [1]}',
        b'{"user": "u", "password": "secret", "database": "d\\u0000", "roles": []}',
        b'{"user": "u", "password": "secret", "database": "d", "roles": [], "more": 1}',
    ],
)
def test_an_incomplete_administrator_is_refused_without_repeating_the_password(said: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting value|the fields are|roles is a list") as refusal:
        Administrator.from_json(said)

    assert "secret" not in str(refusal.value)
