"""What is written for `sam local`, and how SAM is run and stopped, with a fake engine and a fake SAM."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cafe.local import containers, forwarder, keys
from cafe.local.containers import Containers
from cafe.local.engine import Bridge, Engine, NoEngine
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout
from cafe.local.sam_local import Reach
from unit.local.test_sam_local import EXTRACT, LOAD
from unit.local.test_state import STACK

BRIDGE = Bridge("172.17.0.1", "172.17.0.0/16")
TWIN = Reach(4566, 5439)


@dataclass
class FakeClient:
    """Answers the calls of these tests as an engine's client does."""

    security_options: tuple[str, ...] = ()
    removed: list[str] = field(default_factory=list)

    def info(self) -> dict[str, Any]:
        return {"SecurityOptions": list(self.security_options)}

    @property
    def api(self) -> "FakeClient":
        return self

    @property
    def containers(self) -> "FakeClient":
        return self

    def inspect_network(self, name: str) -> dict[str, Any]:
        assert name == "bridge"
        return {"IPAM": {"Config": [{"Subnet": BRIDGE.subnet, "Gateway": BRIDGE.gateway}]}}

    def get(self, container: str) -> "FakeContainer":
        return FakeContainer(container, self.removed)


@dataclass
class FakeContainer:
    """A container that SAM has made and not removed."""

    name: str
    removed: list[str]

    def remove(self, *, force: bool) -> None:
        assert force
        self.removed.append(self.name)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """An engine in a virtual machine, which makes this machine's loopback reachable by itself."""
    client: Any = FakeClient()
    monkeypatch.setattr(containers, "find_engine", lambda: Engine(client))
    monkeypatch.setattr(containers, "is_own_address", lambda _address: False)
    fake: FakeClient = client
    return fake


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    for folder in (layout.build / "ExtractFunction", layout.build / "LoadFunction"):
        folder.mkdir(parents=True)
    keys.make(layout)
    return layout


@pytest.fixture
def prepared(layout: Layout, client: FakeClient) -> Callable[[], Containers]:
    authority = layout.root / "ca.pem"
    authority.write_text("the authority", encoding="utf-8")
    assert not client.removed
    return lambda: containers.prepare(layout, replace(STACK, ca_file=str(authority)), [EXTRACT, LOAD])


def test_what_sam_needs_is_in_the_run_folder_of_the_twin(layout: Layout, prepared: Callable[[], Containers]) -> None:
    prepared()

    template = json.loads(layout.sam_template.read_text(encoding="utf-8"))
    values = json.loads(layout.sam_values.read_text(encoding="utf-8"))
    authority = Path(template["Resources"]["AuthorityLayer"]["Properties"]["ContentUri"])
    assert set(values) == {"ExtractFunction", "LoadFunction"}
    assert (authority / "twin-authority/ca.pem").read_text(encoding="utf-8") == "the authority"
    assert layout.aws_config.is_file()
    assert all(path.is_relative_to(layout.run) for path in (layout.sam_template, layout.sam_values, authority))
    assert not any(layout.build.rglob("*.pem"))


@pytest.mark.parametrize("processor", ["arm64", "x86_64"])
def test_a_container_is_for_the_processor_of_this_machine(
    layout: Layout, prepared: Callable[[], Containers], monkeypatch: pytest.MonkeyPatch, processor: str
) -> None:
    monkeypatch.setattr(containers, "architecture", lambda: processor)

    prepared()

    resources = json.loads(layout.sam_template.read_text(encoding="utf-8"))["Resources"]
    assert resources["LoadFunction"]["Properties"]["Architectures"] == [processor]


def test_an_engine_in_a_virtual_machine_reaches_the_twin_by_itself(prepared: Callable[[], Containers]) -> None:
    assert prepared().reach == TWIN


def test_an_engine_on_this_machine_reaches_the_twin_through_the_forwarder(
    monkeypatch: pytest.MonkeyPatch, prepared: Callable[[], Containers]
) -> None:
    asked: list[object] = []

    def provide(_layout: Layout, *what: object) -> list[int]:
        asked.extend(what)
        return [1, 2]

    monkeypatch.setattr(containers, "is_own_address", lambda address: bool(address == BRIDGE.gateway))
    monkeypatch.setattr(forwarder, "provide", provide)

    assert prepared().reach == Reach(1, 2)
    assert asked == [BRIDGE, [4566, 5439]]


def test_an_engine_without_root_is_refused(client: FakeClient, prepared: Callable[[], Containers]) -> None:
    client.security_options = ("name=seccomp,profile=default", "name=rootless")

    with pytest.raises(NoEngine, match="without root"):
        prepared()


def test_a_stage_that_is_not_built_is_named(layout: Layout, prepared: Callable[[], Containers]) -> None:
    (layout.build / "LoadFunction").rmdir()

    with pytest.raises(LocalStackError, match=r"not built: load\. Run: make build"):
        prepared()


@pytest.fixture
def sam(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Put a Python program in SAM's place."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(containers, "PROGRAMS", folder)

    def write(source: str) -> None:
        program = folder / "sam"
        program.write_text(f"#!{sys.executable}\n{textwrap.dedent(source)}", encoding="utf-8")
        program.chmod(0o755)

    return write


ECHO = """
    import json, os, sys
    event = json.load(sys.stdin)
    values = json.load(open(sys.argv[sys.argv.index("--env-vars") + 1]))
    print("SAM_CONTAINER_ID: c1", file=sys.stderr)
    print("the function's log", file=sys.stderr)
    print(json.dumps([event, values, dict(os.environ), os.getcwd()]))
    """


def test_sam_gets_the_event_and_the_values_of_this_run(
    sam: Callable[[str], None], prepared: Callable[[], Containers], layout: Layout
) -> None:
    sam(ECHO)

    run = containers.invoke(prepared(), "load", {"name": "Caffè"}, {"NEXT_QUEUE_URL": "http://own"})

    event, values, _, folder = run.answer
    assert event == {"name": "Caffè"}
    assert values["LoadFunction"]["NEXT_QUEUE_URL"] == "http://own"
    assert values["LoadFunction"]["WAREHOUSE_HOST"] == "host.docker.internal"
    assert Path(folder) == layout.root
    assert (run.log, run.failed) == ("the function's log", False)
    assert sorted(path.name for path in layout.sam_local.iterdir()) == [
        "authority",
        "made-by-cafe-event.json",
        "template.json",
    ]


def test_sam_gets_nothing_of_the_users_account(
    sam: Callable[[str], None],
    prepared: Callable[[], Containers],
    layout: Layout,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "own")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "own")
    sam(ECHO)

    _, _, environment, _ = containers.invoke(prepared(), "extract", {}, {}).answer

    assert environment["AWS_ACCESS_KEY_ID"] == keys.read(layout).access_key_id
    assert environment["AWS_ENDPOINT_URL"] == STACK.endpoint_url
    assert {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(environment) == set()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import sys; sys.exit('Error: no space left on device')", "no space left"),
        ("import sys; print('Function timed out after 120 seconds', file=sys.stderr)", "timed out"),
    ],
    ids=["SAM failed", "no answer"],
)
def test_an_invocation_without_an_answer_shows_sams_last_lines(
    sam: Callable[[str], None], prepared: Callable[[], Containers], source: str, reason: str
) -> None:
    sam(source)

    with pytest.raises(LocalStackError, match=reason):
        containers.invoke(prepared(), "extract", {}, {})


def test_a_function_that_raised_has_failed(sam: Callable[[str], None], prepared: Callable[[], Containers]) -> None:
    sam("""print('{"errorMessage": "x", "errorType": "KeyError", "stackTrace": []}')""")

    assert containers.invoke(prepared(), "extract", {}, {}).failed


def test_an_interrupt_while_sam_starts_stops_it(
    sam: Callable[[str], None], prepared: Callable[[], Containers], monkeypatch: pytest.MonkeyPatch
) -> None:
    sam("import time; time.sleep(600)")
    started: list[subprocess.Popen[str]] = []

    class Interrupted(subprocess.Popen[str]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)
            signal.raise_signal(signal.SIGINT)

    ready = prepared()
    monkeypatch.setattr(subprocess, "Popen", Interrupted)

    with pytest.raises(KeyboardInterrupt):
        containers.invoke(ready, "extract", {}, {})

    assert [child.poll() is None for child in started] == [False]


def test_an_interrupt_stops_sam_and_removes_its_container(
    sam: Callable[[str], None], prepared: Callable[[], Containers], client: FakeClient, tmp_path: Path
) -> None:
    # Like SAM, it ends at an interrupt, but leaves its container here.
    sam(
        f"""
        import os, pathlib, sys, time
        print("SAM_CONTAINER_ID: c1", file=sys.stderr, flush=True)
        pathlib.Path({str(tmp_path / "started")!r}).touch()
        time.sleep(600)
        """
    )
    ready = prepared()

    def interrupt() -> None:
        while not (tmp_path / "started").exists():
            pass
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        containers.invoke(ready, "extract", {}, {})

    assert client.removed == ["c1"]
    assert not list(ready.layout.logs.iterdir())
