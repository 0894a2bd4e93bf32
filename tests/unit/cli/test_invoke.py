"""`cafe invoke` and `cafe event --stage`: stages run one after another, apart from the stack's queues.

`FakeRuntime` replaces the runtime, and the containers. The tests of the local stack run a real handler under the real
client, and tests/container runs real containers.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from cafe.deployed.environment import Environment, LocalWarehouse
from cafe.local import containers, runtime
from cafe.local.engine import NoEngine
from cafe.local.errors import LocalStackError
from cafe.local.layout import checkout
from cafe.sending import stage_runs
from unit.cli.builders import REGION
from unit.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("deployed")

DONE: dict[str, Any] = {"batchItemFailures": []}


class TwinOnMoto(Environment):
    """The local twin, with moto's services and one answer of Lambda."""

    def client(self, service: str) -> Any:
        return self if service == "lambda" else self.session.client(service)  # type: ignore[call-overload]

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803  boto3's name
        return {
            "Runtime": "python3.13",
            "Handler": f"{FunctionName.rpartition('-')[2]}.handler.lambda_handler",
            "Timeout": 120,
            "MemorySize": 1769,
            "Environment": {"Variables": {"STAGING_BUCKET": "staging", "NEXT_QUEUE_URL": f"the {FunctionName}'s"}},
        }


@dataclass
class FakeRuntime:
    """Replaces `runtime.invoke`: each stage sends one message and returns the test's answer."""

    answers: dict[str, runtime.Invocation] = field(default_factory=dict)
    calls: list[tuple[str, Mapping[str, Any], Mapping[str, str]]] = field(default_factory=list)

    def invoke(self, stage: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> runtime.Invocation:
        self.calls.append((stage, event, environment))
        boto3.client("sqs", REGION).send_message(
            QueueUrl=environment["NEXT_QUEUE_URL"], MessageBody=json.dumps({"from": stage})
        )
        log = json.dumps({"level": "INFO", "message": f"{stage}.ran"})
        return self.answers.get(stage, runtime.Invocation(DONE, log, failed=False))

    def invoke_in_container(
        self, ready: SimpleNamespace, stage: str, event: Mapping[str, Any], variables: Mapping[str, str]
    ) -> runtime.Invocation:
        ready.stages.append(stage)
        return self.invoke(stage, event, variables)

    @property
    def stages(self) -> list[str]:
        return [stage for stage, _, _ in self.calls]


@pytest.fixture
def stages(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    twin = TwinOnMoto(
        name="local",
        deployed_as="dev",
        session=aws,
        endpoint_url="http://127.0.0.1:4566",
        local_warehouse=LocalWarehouse("localhost", 5439, Path("/stack/ca.pem")),
    )
    for command in ("invoke", "event"):
        monkeypatch.setattr(f"cafe.commands.{command}.open_environment", lambda _name: twin)
    fake = FakeRuntime()
    monkeypatch.setattr(runtime, "invoke", fake.invoke)

    def refuse(_environment: Environment) -> None:
        raise NoEngine("No container engine answers.", "Install Docker.")

    monkeypatch.setattr(stage_runs, "prepare_containers", refuse)
    return fake


@pytest.fixture
def engine(stages: FakeRuntime, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A container engine without any image. It notes what it downloads and runs."""
    pulled: list[str] = []
    ready = SimpleNamespace(
        stages=[],
        pulled=pulled,
        engine=SimpleNamespace(pull=pulled.append),
        missing_images=lambda: ["public.ecr.aws/lambda/python:3.13-arm64"],
    )
    monkeypatch.setattr(stage_runs, "prepare_containers", lambda _environment: ready)
    monkeypatch.setattr(containers, "invoke", stages.invoke_in_container)
    return ready


@pytest.fixture
def csv_file(night: Path) -> str:
    return str(night / "2021/2/23/chesterfield.csv")


def bodies(event: Mapping[str, Any]) -> list[Any]:
    return [json.loads(record["body"]) for record in event["Records"]]


def test_extract_is_called_with_the_notification_of_the_dropped_file(
    run: Run, stages: FakeRuntime, csv_file: str
) -> None:
    result = run("invoke", "extract", csv_file, "--json")

    assert result.exit_code == 0
    [(stage, event, _)] = stages.calls
    assert stage == "extract"
    assert bodies(event)[0]["Records"][0]["s3"]["object"]["key"] == "head-office/2021/2/23/chesterfield.csv"
    assert json.loads(result.stdout)["data"] == {
        "stage": "extract",
        "failed": False,
        "answer": DONE,
        "messages": [{"from": "extract"}],
    }


def test_a_later_stage_is_called_with_what_the_one_before_sent(run: Run, stages: FakeRuntime, csv_file: str) -> None:
    result = run("invoke", "load", csv_file, "--json")

    assert stages.stages == ["extract", "transform", "load"]
    assert bodies(stages.calls[2][1]) == [{"from": "transform"}]
    assert json.loads(result.stdout)["data"]["stage"] == "load"


def test_load_says_when_it_completed_no_file(run: Run, stages: FakeRuntime, csv_file: str) -> None:
    idle = run("invoke", "load", csv_file)
    stages.answers["load"] = runtime.Invocation(DONE, json.dumps({"message": "file.completed"}), failed=False)
    busy = run("invoke", "load", csv_file)

    assert "completed no file" in idle.stderr
    assert "cafe trace" in idle.stderr
    assert "completed no file" not in busy.stderr


def test_the_log_of_every_stage_goes_to_standard_error(run: Run, stages: FakeRuntime, csv_file: str) -> None:
    result = run("invoke", "transform", csv_file)

    assert "extract.ran" in result.stderr
    assert "transform.ran" in result.stderr
    assert ".ran" not in result.stdout
    assert stages.stages == ["extract", "transform"]


def test_a_stage_gets_the_functions_variables_and_its_own_queue(
    run: Run, stages: FakeRuntime, csv_file: str, deployed: dict[str, str]
) -> None:
    run("invoke", "extract", csv_file)

    [(_, _, environment)] = stages.calls
    assert environment["STAGING_BUCKET"] == "staging"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert environment["SSL_CERT_FILE"] == "/stack/ca.pem"
    assert "cafe-invoke-" in environment["NEXT_QUEUE_URL"]
    assert set(boto3.client("sqs", REGION).list_queues()["QueueUrls"]) == {
        url for name, url in deployed.items() if name.endswith("/url")
    }


@pytest.mark.parametrize(
    "invocation",
    [
        runtime.Invocation({"batchItemFailures": [{"itemIdentifier": "1"}]}, "", failed=False),
        runtime.Invocation({"errorType": "KeyError", "errorMessage": "x"}, "", failed=True),
    ],
    ids=["a message failed", "the function failed"],
)
def test_a_failed_stage_is_exit_code_1(
    run: Run, stages: FakeRuntime, csv_file: str, invocation: runtime.Invocation
) -> None:
    stages.answers["extract"] = invocation

    result = run("invoke", "extract", csv_file)

    assert result.exit_code == 1
    assert json.dumps(invocation.answer, indent=2) in result.stdout


def test_a_stage_does_not_run_if_one_before_it_failed(run: Run, stages: FakeRuntime, csv_file: str) -> None:
    stages.answers["extract"] = runtime.Invocation({"errorType": "KeyError"}, "", failed=True)

    result = run("invoke", "load", csv_file)

    assert result.exit_code == 2
    assert "extract failed" in result.stderr
    assert stages.stages == ["extract"]


def test_an_event_is_passed_unchanged(run: Run, stages: FakeRuntime, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text('{"check": true}', encoding="utf-8")

    run("invoke", "load", str(tmp_path / "event.json"))
    run("invoke", "load", "-", stdin='{"migrate": true}')

    assert [event for _, event, _ in stages.calls] == [{"check": True}, {"migrate": True}]


@pytest.mark.parametrize("text", ["", "nonsense", "[1]"], ids=["empty", "no JSON", "no object"])
def test_text_that_is_not_an_event_is_an_error(run: Run, stages: FakeRuntime, text: str) -> None:
    result = run("invoke", "load", "-", stdin=text)

    assert result.exit_code == 2
    assert "cafe event FILE" in result.stderr
    assert stages.stages == []


@pytest.mark.usefixtures("stages")
def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    result = run("invoke", "extract", str(tmp_path / "nowhere.csv"))

    assert result.exit_code == 2
    assert "nowhere.csv is not a file" in result.stderr
    assert "cafe generate --samples" in result.stderr


def test_an_event_for_a_later_stage_has_the_messages_of_the_one_before(
    run: Run, stages: FakeRuntime, csv_file: str
) -> None:
    result = run("event", csv_file, "--stage", "load")

    assert bodies(json.loads(result.stdout)) == [{"from": "transform"}]
    assert stages.stages == ["extract", "transform"]


def test_single_stages_run_only_on_the_local_stack(run: Run, csv_file: str) -> None:
    result = run("invoke", "extract", csv_file, "--env", "dev")

    assert result.exit_code == 2
    assert "sam remote invoke" in result.stderr


def test_the_stages_run_in_containers_on_request(run: Run, engine: SimpleNamespace, csv_file: str) -> None:
    result = run("invoke", "transform", csv_file, "--container", "--json")

    assert result.exit_code == 0
    assert engine.stages == ["extract", "transform"]
    assert engine.pulled == ["public.ecr.aws/lambda/python:3.13-arm64"]
    assert json.loads(result.stdout)["data"]["messages"] == [{"from": "transform"}]


def test_a_container_run_has_a_queue_of_its_own(
    run: Run, engine: SimpleNamespace, stages: FakeRuntime, csv_file: str
) -> None:
    run("invoke", "extract", csv_file, "--container")

    [(_, _, variables)] = stages.calls
    assert "cafe-invoke-" in variables["NEXT_QUEUE_URL"]
    assert engine.stages == ["extract"]


def test_without_an_engine_the_command_says_what_to_install(run: Run, stages: FakeRuntime, csv_file: str) -> None:
    result = run("invoke", "extract", csv_file, "--container")

    assert result.exit_code == 2
    assert "Install Docker." in result.stderr
    assert stages.stages == []


def test_containers_run_only_for_the_local_stack(run: Run, csv_file: str) -> None:
    assert run("event", csv_file, "--env", "dev", "--container").exit_code == 2


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("stage", ["extract", "transform", "load"])
def test_an_event_comes_with_the_line_that_runs_the_stage_in_a_container(
    run: Run, csv_file: str, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout().root)

    result = run("event", csv_file, "--stage", stage)

    json.loads(result.stdout)
    assert f"cafe env sam local invoke {stage.capitalize()}Function -e event.json\n" in result.stderr


@pytest.mark.usefixtures("engine")
def test_where_samconfig_does_not_apply_the_line_names_its_files(
    run: Run, csv_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    layout = checkout()

    line = run("event", csv_file).stderr.splitlines()[-1]

    assert f"--config-file {layout.root}/samconfig.toml" in line
    assert f"--template-file {layout.sam_template}" in line
    assert f"--env-vars {layout.sam_values}" in line


@pytest.mark.usefixtures("stages")
def test_without_an_engine_an_event_is_printed_all_the_same(run: Run, csv_file: str) -> None:
    result = run("event", csv_file)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["Records"]
    assert "cannot run in a container here. No container engine answers. Install Docker." in result.stderr


def test_without_linux_the_command_says_to_use_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")

    with pytest.raises(LocalStackError, match="--container"):
        runtime._runtime_emulator()
