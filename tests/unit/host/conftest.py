"""A machine that only records: the commands of Grafana's host as stubs, with what a real shell needs beside them."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REAL_COMMANDS = "bash cat chmod cut dirname echo env find install mkdir mv rm sha256sum sort".split()
STUBS = "aws chown curl dnf docker systemctl".split()
FACTS = {
    "AWS_REGION": "eu-west-2",
    "DASHBOARDS_BUCKET": "cafe-dev-dashboards-123456789012",
    "PASSWORD_SECRET": "arn:aws:secretsmanager:eu-west-2:123456789012:secret:grafana",
    "WAREHOUSE_WORKGROUP": "cafe-dev",
    "WAREHOUSE_DATABASE": "cafe",
    "LISTEN_ON": "loopback",
}
# Notes how it was called, then does what the test has it do.
STUB = """#!/bin/bash
echo "{name} $*" >> "{folder}/calls"
[[ -f "{folder}/{name}.does" ]] && source "{folder}/{name}.does"
exit 0
"""


@dataclass
class Host:
    """The host: its folders below one of the test's own, and the calls of the stubs in their order."""

    folder: Path
    facts: dict[str, str] = field(default_factory=lambda: dict(FACTS))

    @property
    def published(self) -> Path:
        """Where the bucket is fetched to: /opt/cafe."""
        return self.folder / "opt" / "cafe"

    @property
    def runtime(self) -> Path:
        """What a reboot empties: /run/cafe."""
        return self.folder / "run" / "cafe"

    @property
    def calls(self) -> list[str]:
        """Every call of a stub since the last `forget_calls`."""
        noted = self.folder / "calls"
        return noted.read_text().splitlines() if noted.exists() else []

    def forget_calls(self) -> None:
        (self.folder / "calls").unlink(missing_ok=True)

    def has(self, command: str, does: str = "") -> None:
        """Install a command, which does what these lines of bash say."""
        stub = self.folder / "bin" / command
        stub.write_text(STUB.format(name=command, folder=self.folder))
        stub.chmod(0o755)
        (self.folder / f"{command}.does").write_text(does)

    def lacks(self, command: str) -> None:
        (self.folder / "bin" / command).unlink()

    def reboot(self) -> None:
        """Forget what lies in memory, and run nothing."""
        shutil.rmtree(self.runtime)
        self.runtime.mkdir()
        self.has("systemctl", "[[ $1 == is-active ]] && exit 3")
        self.forget_calls()

    def run(
        self, *command: str | Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/bash", *command],
            env={"PATH": str(self.folder / "bin"), "RUNTIME_DIRECTORY": str(self.runtime), **self.facts}
            | dict(environment or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    def boot(self) -> subprocess.CompletedProcess[str]:
        """Run what the timer runs, as published."""
        return self.run(self.published / "host" / "boot.sh")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A fresh host: nothing runs, Docker is not there, the secret is, and the bucket was fetched."""
    host = Host(tmp_path)
    (tmp_path / "bin").mkdir()
    host.runtime.mkdir(parents=True)
    for command in REAL_COMMANDS:
        real = shutil.which(command)
        assert real, command
        (tmp_path / "bin" / command).symlink_to(real)
    for command in STUBS:
        host.has(command)
    host.lacks("docker")
    # Installing Docker puts its stub there, to which no image is known.
    docker = host.folder / "docker"
    docker.write_text(STUB.format(name="docker", folder=host.folder))
    host.has("dnf", f'install -m 0755 "{docker}" "{host.folder}/bin/docker"')
    (host.folder / "docker.does").write_text('[[ "$1 $2" == "image inspect" ]] && exit 1')
    host.has("aws", "[[ $1 == secretsmanager ]] && echo generated-password")
    host.has("systemctl", "[[ $1 == is-active ]] && exit 3")
    for part in ("host", "provisioning"):
        shutil.copytree(ROOT / "grafana" / part, host.published / part)
    return host
