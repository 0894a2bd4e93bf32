"""A fake of Grafana's host: stubs that record how they are called, and the real commands that a shell script needs."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REAL_COMMANDS = "bash cat chmod cut dirname echo env find install mkdir mv rm sha256sum sort touch".split()
STUBS = "aws chown curl dnf docker sleep systemctl".split()
FACTS = {
    "AWS_REGION": "eu-west-2",
    "DASHBOARDS_BUCKET": "cafe-dev-dashboards-123456789012",
    "PASSWORD_SECRET": "arn:aws:secretsmanager:eu-west-2:123456789012:secret:grafana",
    "WAREHOUSE_WORKGROUP": "cafe-dev",
    "WAREHOUSE_DATABASE": "cafe",
    "METRICS_NAMESPACE": "Cafe/dev",
    "LISTEN_ON": "loopback",
    "GF_SERVER_ROOT_URL": "http://localhost:3000/",
    "GF_SECURITY_COOKIE_SECURE": "false",
}
IMAGE_ID = f"sha256:{1:064x}"
# A Docker that has the image, whose container is healthy.
HEALTHY_DOCKER = f"""
case "$1 $2" in
  "container inspect") echo "healthy {IMAGE_ID}" ;;
  "image inspect") echo {IMAGE_ID} ;;
  "image ls") echo {IMAGE_ID} ;;
esac
"""
# The same, but it has to pull the image first.
NEW_DOCKER = (
    """
if [[ "$1 $2" == "image inspect" && ! -f "{folder}/pulled" ]]; then exit 1; fi
[[ $1 == pull ]] && touch "{folder}/pulled"
"""
    + HEALTHY_DOCKER
)
# Records how it was called, then does what the test defines.
STUB = """#!/bin/bash
echo "{name} $*" >> "{folder}/calls"
[[ -f "{folder}/{name}.does" ]] && source "{folder}/{name}.does"
exit 0
"""


@dataclass
class Host:
    """The host: its folders are below a temporary folder, and ``calls`` are the calls of the stubs in order."""

    folder: Path
    facts: dict[str, str] = field(default_factory=lambda: dict(FACTS))

    @property
    def published(self) -> Path:
        """The folder to which the bucket is fetched: /opt/cafe."""
        return self.folder / "opt" / "cafe"

    @property
    def runtime(self) -> Path:
        """The folder that a reboot empties: /run/cafe."""
        return self.folder / "run" / "cafe"

    @property
    def calls(self) -> list[str]:
        """Every call of a stub since the last `forget_calls`."""
        recorded = self.folder / "calls"
        return recorded.read_text().splitlines() if recorded.exists() else []

    def forget_calls(self) -> None:
        (self.folder / "calls").unlink(missing_ok=True)

    def install(self, command: str, does: str = "") -> None:
        """Install a stub that runs these lines of bash."""
        stub = self.folder / "bin" / command
        stub.write_text(STUB.format(name=command, folder=self.folder))
        stub.chmod(0o755)
        (self.folder / f"{command}.does").write_text(does)

    def uninstall(self, command: str) -> None:
        (self.folder / "bin" / command).unlink()

    def reboot(self) -> None:
        """Empty the runtime folder, and stop Grafana."""
        shutil.rmtree(self.runtime)
        self.runtime.mkdir()
        self.install("systemctl", "[[ $1 == is-active ]] && exit 3")
        self.forget_calls()

    def run(self, *command: str | Path, timeout_seconds: int = 20) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/bash", *command],
            env={"PATH": str(self.folder / "bin"), "RUNTIME_DIRECTORY": str(self.runtime), **self.facts},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_seconds,
        )

    def boot(self, timeout_seconds: int = 20) -> subprocess.CompletedProcess[str]:
        """Run the published boot script, as the timer does."""
        return self.run(self.published / "host" / "boot.sh", timeout_seconds=timeout_seconds)


def new_host(folder: Path) -> Host:
    """Return a new host: the bucket is fetched and the secret exists, but Docker is not installed and nothing runs."""
    host = Host(folder)
    (folder / "bin").mkdir()
    host.runtime.mkdir(parents=True)
    for command in REAL_COMMANDS:
        real = shutil.which(command)
        assert real, command
        (folder / "bin" / command).symlink_to(real)
    for command in STUBS:
        host.install(command)
    host.uninstall("docker")
    # Installing Docker creates its stub, which has no image yet.
    docker = host.folder / "docker"
    docker.write_text(STUB.format(name="docker", folder=host.folder))
    host.install("dnf", f'install -m 0755 "{docker}" "{host.folder}/bin/docker"')
    (host.folder / "docker.does").write_text(NEW_DOCKER.replace("{folder}", str(host.folder)))
    host.install("aws", "[[ $1 == secretsmanager ]] && echo generated-password")
    host.install("systemctl", "[[ $1 == is-active ]] && exit 3")
    for part in ("host", "provisioning"):
        shutil.copytree(ROOT / "grafana" / part, host.published / part)
    return host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A new host, as `new_host` returns it."""
    return new_host(tmp_path)
