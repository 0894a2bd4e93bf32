"""The host's boot script with a real container engine: an upgrade never loses the image that it has just started."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.host.registry import Registry, serving
from unit.host.conftest import Host, new_host

ENGINE = shutil.which("docker")
# As systemd does it for a unit of type simple with Restart=always: `restart` returns when the new command has begun.
SYSTEMCTL = """
case $1 in
  restart)
    [[ -f "{folder}/unit.pid" ]] && kill -- "-$(cat "{folder}/unit.pid")"
    "{docker}" stop {name} > /dev/null 2>&1
    setsid bash "{folder}/unit.sh" >> "{folder}/unit.log" 2>&1 < /dev/null &
    echo $! > "{folder}/unit.pid" ;;
  is-active) [[ -n $("{docker}" ps --quiet --filter name={name}) ]]; exit ;;
esac
"""


def what_is_missing() -> str:
    """Return what this machine lacks for these tests, or an empty string."""
    if sys.platform != "linux":
        return "Linux: the container runs this machine's own programs"
    if not os.environ.get("DOCKER_HOST", "unix://").startswith("unix://"):
        return "a container engine on this machine: DOCKER_HOST names another"
    if ENGINE is None or subprocess.run([ENGINE, "info"], capture_output=True, check=False, timeout=60).returncode:
        return "a container engine: `docker info` does not succeed here"
    return ""


def docker(*words: str) -> str:
    assert ENGINE
    return subprocess.run([ENGINE, *words], capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving(Registry(f"cafe-test-{uuid.uuid4().hex[:8]}/grafana")) as registry:
        yield registry


@dataclass
class EngineHost:
    """A host whose Docker is real. Its container, volume and images have names of their own."""

    host: Host
    name: str
    repository: str

    def publish(self, image: str) -> None:
        versions = self.host.published / "host" / "versions.env"
        versions.write_text(f"GRAFANA_IMAGE={image}\nGF_PLUGINS_PREINSTALL_SYNC=none@1.0.0\n", encoding="utf-8")
        (self.host.folder / "unit.sh").write_text(self._start_script(), encoding="utf-8")

    def images(self) -> set[str]:
        return set(docker("image", "ls", "--quiet", "--no-trunc", self.repository).split())

    def running_image(self) -> str:
        return docker("container", "inspect", "--format", "{{.State.Running}} {{.Image}}", self.name)

    def log(self) -> str:
        """What the unit's command wrote."""
        file = self.host.folder / "unit.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def stop(self) -> None:
        """End the unit."""
        if (process := self.host.folder / "unit.pid").exists():
            os.killpg(int(process.read_text(encoding="utf-8")), signal.SIGKILL)

    def _start_script(self) -> str:
        """What systemd runs for the published unit."""
        unit = (self.host.published / "host" / "cafe-grafana.service").read_text(encoding="utf-8")
        lines = [line.partition("=") for line in unit.replace("\\\n", "").splitlines()]
        facts = [f"export {name}={shlex.quote(value)}" for name, value in self.host.facts.items()]
        read = [
            f"while IFS='=' read -r name value; do [[ $name == [A-Z]* ]] && export \"$name=$value\"; done < {path}"
            for key, _, path in lines
            if key == "EnvironmentFile" and not path.endswith("stack.env")
        ]
        run = [command.lstrip("-") for key, _, command in lines if key in ("ExecStartPre", "ExecStart")]
        loop = ["while true; do", *run, "sleep 1", "done"]
        return "\n".join([f"PATH={shlex.quote(os.environ['PATH'])}", *facts, *read, *loop])


@pytest.fixture
def engine_host(tmp_path: Path, registry: Registry) -> Iterator[EngineHost]:
    if missing := what_is_missing():
        pytest.skip(f"needs {missing}")
    host, name = new_host(tmp_path), registry.repository.replace("/", "-")
    host.facts.update({name: os.environ[name] for name in ("DOCKER_HOST", "HOME") if name in os.environ})
    for command in ("docker", "setsid", "sleep"):
        real = shutil.which(command)
        assert real, command
        (tmp_path / "bin" / command).unlink(missing_ok=True)
        (tmp_path / "bin" / command).symlink_to(real)
    host.install("systemctl", SYSTEMCTL.format(name=name, docker=ENGINE, folder=tmp_path))
    (host.published / "dashboards").mkdir()
    for file in ("boot.sh", "cafe-grafana.service"):
        path = host.published / "host" / file
        text = path.read_text(encoding="utf-8").replace("cafe-grafana", name).replace(f"{name}.service", file)
        for of_a_host, of_this_test in {
            "/opt/cafe": str(host.published),
            "/run/cafe": str(host.runtime),
            "/usr/bin/docker": str(ENGINE),
            "127.0.0.1:3000:3000": "127.0.0.1::3000",
            "--health-interval 15s": "--health-interval 1s",
            "seconds_between_checks=5": "seconds_between_checks=0.5",
        }.items():
            text = text.replace(of_a_host, of_this_test)
        path.write_text(text, encoding="utf-8")
    machine = EngineHost(host, name, f"localhost:{registry.port}/{registry.repository}")
    yield machine
    machine.stop()
    for kind in (["container"], ["volume"]):
        subprocess.run([str(ENGINE), *kind, "rm", "--force", name, f"{name}-plugins"], capture_output=True, check=False)
    for image in machine.images():
        docker("image", "rm", "--force", image)


def test_an_upgrade_runs_the_new_image_and_removes_only_the_older_one(
    engine_host: EngineHost, registry: Registry
) -> None:
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        image = registry.add(version)
        engine_host.publish(image)

        result = engine_host.host.boot(timeout_seconds=600)

        assert result.returncode == 0, result.stderr + engine_host.log()
        image_id = docker("image", "inspect", "--format", "{{.Id}}", image)
        assert engine_host.running_image() == f"true {image_id}"
        assert engine_host.images() == {image_id}
