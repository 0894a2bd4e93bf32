"""The container engine: whether one answers, which images it has, and how its containers reach this machine."""

import contextlib
import ipaddress
import os
import platform
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cafe.errors import CafeError

if TYPE_CHECKING:
    import docker

# Docker's own network, to which SAM's containers are connected.
NETWORK = "bridge"
USUAL_ADDRESS = "unix:///var/run/docker.sock"


class NoEngine(CafeError):
    """No container engine answers, or it does not let this user in."""


class NoImage(CafeError):
    """The image in which a function runs is not on this machine, and cannot be downloaded."""


@dataclass(frozen=True)
class Bridge:
    """The network of the engine's containers. On ``gateway`` they reach the machine that the engine runs on."""

    gateway: str
    subnet: str


@dataclass(frozen=True)
class Engine:
    """A container engine that answers."""

    client: "docker.DockerClient"

    def bridge(self) -> Bridge | None:
        """Give the network of its containers; None if it has no such network.

        Until the first container runs, older versions do not state the gateway. It is the subnet's first address.
        """
        import docker.errors

        try:
            described = self.client.api.inspect_network(NETWORK)
        except docker.errors.NotFound:
            return None
        return bridge_of(described)

    def is_rootless(self) -> bool:
        """Whether it runs without root, in a network of its own from which this machine is hard to reach."""
        options = self.client.info().get("SecurityOptions") or []
        return any("rootless" in option for option in options)

    def has_image(self, name: str) -> bool:
        """Whether an image is on this machine."""
        import docker.errors

        try:
            self.client.images.get(name)
        except docker.errors.ImageNotFound:
            return False
        return True

    def pull(self, name: str) -> None:
        """Download an image. Raises NoImage with the engine's reason."""
        import docker.errors

        try:
            self.client.images.pull(name)
        except (docker.errors.DockerException, OSError) as error:  # the second if the connection breaks
            raise NoImage(
                f"The image {name} is not on this machine, and downloading it failed: {_reason(error)}",
                f"With a network, run: docker pull {name}. Without one, bring it from another machine with "
                "`docker save` and `docker load`.",
            ) from error

    def has_container(self, container: str) -> bool:
        """Whether there is a container of this id."""
        import docker.errors

        try:
            self.client.containers.get(container)
        except docker.errors.NotFound:
            return False
        return True

    def remove_container(self, container: str) -> None:
        """Remove a container, also one that runs. Does nothing if it is gone, or is being removed."""
        import docker.errors

        with contextlib.suppress(docker.errors.APIError):
            self.client.containers.get(container).remove(force=True)


def find_engine() -> Engine:
    """Find the container engine where SAM looks for it: at DOCKER_HOST, or Docker's usual socket. Raises NoEngine."""
    address = os.environ.get("DOCKER_HOST") or USUAL_ADDRESS
    try:
        _knock(address)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise NoEngine(f"No container engine answers at {address}: {reason}.", remedy_for(error, system())) from error
    # Imported here because it takes 0.2 s, which is not needed where there is no engine.
    import docker
    import docker.errors

    try:
        return Engine(docker.from_env())  # asks for the engine's version
    except docker.errors.DockerException as error:
        raise NoEngine(
            f"No container engine answers at {address}: {_reason(error)}", remedy_for(error, system())
        ) from error


def _knock(address: str) -> None:
    """Connect to an engine's socket file, and hang up. Other kinds of address are left to the client."""
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(address.removeprefix("unix://"))


def system() -> str:
    """Name the system as the remedies do: Linux, WSL or Darwin."""
    name = platform.system()
    return "WSL" if name == "Linux" and "microsoft" in platform.release().lower() else name


def remedy_for(error: Exception, system_name: str) -> str:
    """Say what to install or to start, on this system."""
    if isinstance(error, PermissionError):
        return (
            "Your user may not use it. On Linux, join its group and sign in again: sudo usermod -aG docker $USER. "
            "Nothing else of this project needs a container engine."
        )
    start = {
        "Linux": "Install Docker (on Debian or Ubuntu: sudo apt install docker.io) and start it: "
        "sudo systemctl start docker.",
        "WSL": "Start Docker Desktop on Windows, and turn on this distribution in Settings, Resources, WSL "
        "integration. Or install Docker here: sudo apt install docker.io.",
        "Darwin": "Install and start Docker Desktop, Finch, Colima or Rancher Desktop.",
    }
    other = " If it is another engine, set DOCKER_HOST to its socket. `cafe invoke` on Linux needs no engine."
    return start.get(system_name, start["Linux"]) + other


def bridge_of(described: dict[str, Any]) -> Bridge | None:
    """Read the IPv4 network out of what the engine says about it."""
    for settings in described.get("IPAM", {}).get("Config") or []:
        subnet = ipaddress.ip_network(settings.get("Subnet", "::/128"), strict=False)
        if subnet.version == 4:
            return Bridge(settings.get("Gateway") or str(next(subnet.hosts())), str(subnet))
    return None


def is_own_address(address: str) -> bool:
    """Whether an address belongs to this machine. The bridge's does, unless the engine runs in a machine of its own.

    Docker Desktop, Finch and Colima run the engine in a virtual machine, and pass on what a container sends to
    host.docker.internal to this machine's loopback.
    """
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _reason(error: Exception) -> str:
    """Give the first line of an error's text: the engine's errors repeat their causes."""
    return (str(error).splitlines() or [type(error).__name__])[0]
