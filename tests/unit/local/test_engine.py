"""The container engine: its network, whether it runs on this machine, and what to do if there is none."""

import socket
from pathlib import Path
from typing import Any

import pytest

from cafe.local import engine
from cafe.local.engine import Bridge, NoEngine, bridge_of, find_engine, is_own_address, remedy_for


def described(*settings: dict[str, str]) -> dict[str, Any]:
    return {"Name": "bridge", "IPAM": {"Config": list(settings)}}


@pytest.mark.parametrize(
    ("network", "bridge"),
    [
        (described({"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}), Bridge("172.17.0.1", "172.17.0.0/16")),
        (described({"Subnet": "172.17.0.0/16"}), Bridge("172.17.0.1", "172.17.0.0/16")),
        (
            described({"Subnet": "fd00::/64"}, {"Subnet": "10.1.0.0/24", "Gateway": "10.1.0.9"}),
            Bridge("10.1.0.9", "10.1.0.0/24"),
        ),
        (described({"Subnet": "fd00::/64"}), None),
        ({"IPAM": {"Config": None}}, None),
    ],
    ids=["stated", "before the first container", "IPv6 too", "IPv6 only", "no network"],
)
def test_the_gateway_of_the_bridge_is_found(network: dict[str, Any], bridge: Bridge | None) -> None:
    assert bridge_of(network) == bridge


def test_only_an_address_of_this_machine_is_its_own() -> None:
    assert is_own_address("127.0.0.1")
    assert not is_own_address("192.0.2.1")  # kept free for documentation (RFC 5737)


@pytest.mark.parametrize(
    ("system", "remedy"),
    [("Linux", "systemctl start docker"), ("WSL", "WSL integration"), ("Darwin", "Docker Desktop, Finch")],
)
def test_the_remedy_fits_the_system(system: str, remedy: str) -> None:
    assert remedy in remedy_for(FileNotFoundError("No such file"), system)


def test_a_user_who_may_not_use_the_engine_learns_how_to_join() -> None:
    assert "usermod -aG docker" in remedy_for(PermissionError(13, "Permission denied"), "Linux")


@pytest.mark.parametrize(
    ("release", "system"),
    [("6.6.87-microsoft-standard-WSL2", "WSL"), ("6.1.0-18-amd64", "Linux")],
    ids=["WSL", "Linux"],
)
def test_linux_under_windows_is_recognised(monkeypatch: pytest.MonkeyPatch, release: str, system: str) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.release", lambda: release)

    assert engine.system() == system


@pytest.mark.parametrize("there_is_a_socket", [False, True], ids=["not installed", "not running"])
def test_without_an_engine_the_error_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there_is_a_socket: bool
) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        if there_is_a_socket:
            left_behind.bind(str(tmp_path / "s"))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 's'}")

        with pytest.raises(NoEngine) as problem:
            find_engine()

    reason = "Connection refused" if there_is_a_socket else "No such file or directory"
    assert problem.value.message == f"No container engine answers at unix://{tmp_path / 's'}: {reason}."
    assert "DOCKER_HOST" in problem.value.remedy
