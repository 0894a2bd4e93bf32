"""What `cafe env` gives: variables that lead to the twin, past no profile and no endpoint of the user."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ProfileNotFound

from cafe.local import aws_clients, keys
from cafe.local.layout import Layout
from unit.local.test_state import STACK

USERS_OWN = {
    "AWS_PROFILE": "own",
    "AWS_SESSION_TOKEN": "own-token",
    "AWS_ACCESS_KEY_ID": "OWNKEY",
    "AWS_SECRET_ACCESS_KEY": "own-secret",
    "AWS_ENDPOINT_URL_S3": "https://s3.eu-west-2.amazonaws.com",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/own/token",
    "AWS_A_VARIABLE_OF_NEXT_YEAR": "own",
    "AWS_PAGER": "cat",
    "EDITOR": "vi",
}
# A path with everything that a shell would change.
AWKWARD = '/home/o\'brien/a "b" $HOME `id` \\x'


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    aws_clients.write_config(STACK, keys.make(layout), layout)
    return layout


def variables(layout: Layout) -> dict[str, str]:
    return aws_clients.client_variables(STACK.endpoint_url, keys.read(layout), layout)


@pytest.fixture
def home_with_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who is signed in: a default profile, and another one, in the home folder."""
    (tmp_path / ".aws").mkdir()
    own = "aws_access_key_id = OWNKEY\naws_secret_access_key = own-secret\n"
    (tmp_path / ".aws" / "credentials").write_text(f"[default]\n{own}[own]\n{own}", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)


def test_the_users_own_settings_are_removed_and_harmless_ones_kept(layout: Layout) -> None:
    environment = aws_clients.point_at_twin(USERS_OWN, variables(layout))

    assert environment == {"AWS_PAGER": "cat", "EDITOR": "vi", **variables(layout)}


@pytest.mark.usefixtures("home_with_a_profile")
@pytest.mark.parametrize("profile", [None, aws_clients.PROFILE], ids=["no profile", "the twin's profile"])
def test_a_client_with_the_variables_uses_the_twin(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, profile: str | None
) -> None:
    for name, value in variables(layout).items():
        monkeypatch.setenv(name, value)

    session: Any = boto3.Session(profile_name=profile)

    assert session.get_credentials().access_key == keys.read(layout).access_key_id
    assert session.region_name == "eu-west-2"
    assert session.client("sts").meta.endpoint_url == STACK.endpoint_url


@pytest.mark.usefixtures("home_with_a_profile")
def test_the_profile_of_the_twin_is_enough_for_a_client(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(layout.aws_config))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWNKEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own-secret")

    session: Any = boto3.Session(profile_name=aws_clients.PROFILE)

    assert session.get_credentials().access_key == keys.read(layout).access_key_id
    assert session.client("s3").meta.endpoint_url == STACK.endpoint_url


@pytest.mark.usefixtures("home_with_a_profile")
def test_without_the_variables_the_twins_profile_is_not_found() -> None:
    with pytest.raises(ProfileNotFound, match="type cafe env before sam"):
        boto3.Session(profile_name=aws_clients.PROFILE)


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_a_shell_reads_every_value_unchanged(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    wanted = {"AWS_CONFIG_FILE": AWKWARD, "AWS_REGION": "eu-west-2"}
    lines = aws_clients.shell_lines({**wanted, "AWS_PROFILE": None}, "fish" if shell == "fish" else "sh")

    script = "\n".join([*lines, "env -0"])
    shown = subprocess.run(
        [shell, "-c", script],
        env={"PATH": os.environ["PATH"], "AWS_PROFILE": "own"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    environment = dict(line.split("=", 1) for line in shown.rstrip("\0").split("\0"))
    assert {name: value for name, value in environment.items() if name.startswith("AWS_")} == wanted


FILES_OF_TILLS = (
    *("--template-file", "/home/tills/run/sam-local/template.json"),
    *("--env-vars", "/home/tills/run/sam-local/made-by-cafe-event.json"),
    *("--profile", "cafe workspace tills"),
)


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        ("sam local invoke LoadFunction -e event.json", FILES_OF_TILLS),
        ("sam local start-lambda --port 3001", FILES_OF_TILLS),
        ("sam local invoke LoadFunction --env-vars own.json", FILES_OF_TILLS[:2] + FILES_OF_TILLS[4:]),
        ("sam local invoke LoadFunction -t own.json -n own.json --profile=own", ()),
        ("sam local generate-event s3 put", ()),
        ("sam deploy", ()),
        ("aws s3 ls", ()),
    ],
)
def test_sam_local_gets_the_files_of_the_workspace_because_samconfig_names_those_of_main(
    typed: str, added: tuple[str, ...]
) -> None:
    command, main = typed.split(), Layout(Path("/checkout"))
    tills = Layout(Path("/checkout"), Path("/home"), "tills")

    assert aws_clients.with_files(command, main) == command
    assert aws_clients.with_files(command, tills) == [*command[:3], *added, *command[3:]]


def test_in_the_shell_of_another_workspace_sam_finds_no_profile_for_mains_functions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tills = Layout(tmp_path, workspace="tills")
    aws_clients.write_config(STACK, keys.make(tills), tills)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tills.aws_config))

    assert boto3.Session(profile_name="cafe workspace tills").region_name == STACK.region
    with pytest.raises(ProfileNotFound):
        boto3.Session(profile_name=aws_clients.PROFILE)
