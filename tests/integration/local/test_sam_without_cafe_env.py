"""`sam local invoke` in this folder, by a user who is signed in to AWS: without `cafe env` it sends nothing anywhere.

A server of this test plays AWS: the user's profile names it, and it notes every request.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cafe.local import sam_local
from cafe.local.keys import RootKeys
from cafe.local.layout import Layout, checkout
from cafe.local.sam_local import Reach
from integration.local.recorder import Recorder, recording

SAM = Path(sys.executable).with_name("sam")
KEYS = {"AWS_ACCESS_KEY_ID": "OWNKEY", "AWS_SECRET_ACCESS_KEY": "own-secret"}


@pytest.fixture
def aws() -> Iterator[Recorder]:
    """AWS, which refuses every request. What SAM asks first is a POST: STS whose credentials these are."""
    with recording(403) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, aws: Recorder) -> Path:
    """The home folder of a user with a profile."""
    settings = {"region": "eu-west-2", "endpoint_url": f"http://127.0.0.1:{aws.server_port}", **KEYS}
    (tmp_path / ".aws").mkdir()
    lines = [f"{name.lower()} = {value}" for name, value in settings.items()]
    for section in ("default", "profile own"):
        with (tmp_path / ".aws" / "config").open("a", encoding="utf-8") as config:
            config.write("\n".join([f"[{section}]", *lines, ""]))
    return tmp_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout as `cafe event` leaves it: SAM finds all that it looks for."""
    folder = tmp_path / "checkout"
    build = folder / ".aws-sam" / "build"
    build.mkdir(parents=True)
    shutil.copy(checkout().root / "template.yaml", build)
    layout = Layout(folder)
    layout.sam_local.mkdir(parents=True)
    layout.sam_values.write_text("{}", encoding="utf-8")
    template = sam_local.template(
        [], Reach(1, 2), RootKeys("", ""), architecture="x86_64", build=build, authority=build
    )
    layout.sam_template.write_text(json.dumps(template), encoding="utf-8")
    for file in ("template.yaml", "samconfig.toml"):
        shutil.copy(checkout().root / file, folder)
    (folder / "event.json").write_text("{}", encoding="utf-8")
    return folder


def sam_local_invoke(
    folder: Path, home: Path, variables: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Type the line of SAM's own documentation."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [SAM, "local", "invoke", "ExtractFunction", "-e", "event.json", *arguments],
        cwd=folder,
        # No engine: a container is not needed to see what SAM sends before it starts one.
        env={
            **others,
            "HOME": str(home),
            "SAM_CLI_TELEMETRY": "0",
            "DOCKER_HOST": "unix:///nowhere",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            **variables,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [({}, ()), ({"AWS_PROFILE": "own"}, ("--config-env", "dev")), (KEYS, ("--config-env", "prod"))],
    ids=["the default profile", "a profile of the shell, dev", "keys of the shell, prod"],
)
def test_a_signed_in_user_sends_nothing_and_learns_what_to_type(
    aws: Recorder, home: Path, folder: Path, variables: dict[str, str], arguments: tuple[str, ...]
) -> None:
    endpoint = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.server_port}"}

    done = sam_local_invoke(folder, home, endpoint | variables, *arguments)

    assert aws.asked_by == []
    assert done.returncode != 0
    assert "type cafe env before sam" in done.stderr


def test_without_the_settings_of_this_project_sam_asks_aws_with_the_users_credentials(
    aws: Recorder, home: Path, folder: Path
) -> None:
    (folder / "samconfig.toml").unlink()

    sam_local_invoke(folder, home, {})

    assert "OWNKEY" in aws.asked_by[0]
