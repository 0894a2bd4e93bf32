"""SAM's own commands on the deployed stack, typed as a user does: after `cafe env`."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from cafe.deployed.environment import STAGES
from cafe.local import deployment, keys
from cafe.local.layout import checkout
from cafe.sending.stage_runs import event_for
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, alone_in
from e2e.sam import answer_of, following, sam

pytestmark = pytest.mark.e2e

STACK = ("--config-env", "dev")
FUNCTIONS = {f"{stage.capitalize()}Function" for stage in STAGES}


def test_list_shows_what_is_deployed(pipeline: Pipeline) -> None:
    resources = answer_of("list", "resources", *STACK, "--output", "json")
    outputs = answer_of("list", "stack-outputs", *STACK, "--output", "json")
    endpoints = answer_of("list", "endpoints", *STACK, "--output", "json")

    physical = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    assert physical["ExtractFunction"] == pipeline.fact("extract/function/name")
    values = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    assert values["DropBucket"] == pipeline.fact("drop/bucket/name")
    assert {endpoint["LogicalResourceId"] for endpoint in endpoints} == FUNCTIONS


def test_logs_follow_a_file_through_all_three_functions(pipeline: Pipeline) -> None:
    with following("logs", *STACK, "--tail", folder=checkout().root) as tail:
        outcome = pipeline.drop({"sam/tailed.csv": small_file("Tailed").body})["sam/tailed.csv"]
        tail.wait_for(f'"file_id": "{outcome.file_id}"', times=3)
    run = sam("logs", *STACK, "--filter", outcome.file_id, "--output", "json")

    lines = [json.loads(json.loads(line)["message"]) for line in run.stdout.splitlines()]
    assert {line["message"] for line in lines if "_aws" not in line} == {
        "file.extracted",
        "part.transformed",
        "file.completed",
    }
    assert {line["file_id"] for line in lines} == {outcome.file_id}


def test_remote_invoke_runs_a_function_and_sends_to_a_queue(pipeline: Pipeline, tmp_path: Path) -> None:
    file = tmp_path / "invoked.csv"
    file.write_bytes(small_file("Invoked").body)
    event = json.dumps(event_for(pipeline.environment, "extract", file, on_run=lambda _run: None))

    assert answer_of("remote", "invoke", "ExtractFunction", *STACK, "-e", event) == {"batchItemFailures": []}
    faults = answer_of("remote", "invoke", "LoadFunction", *STACK, "-e", '{"check": true}')["faults"]
    # Another test may have left a fault in the warehouse of all.
    assert {check: found for check, found in faults.items() if found} == pipeline.faults()
    message = json.loads(event)["Records"][0]["body"]
    assert answer_of("remote", "invoke", "ArrivalsQueue", *STACK, "-e", message)["MessageId"]
    pipeline.wait_until_idle()


@pytest.mark.parametrize(
    "command",
    [("traces",), ("remote", "test-event", "list", "ExtractFunction", *STACK)],
    ids=["traces", "remote test-event"],
)
@pytest.mark.usefixtures("pipeline")
def test_a_command_that_needs_aws_itself_says_so(command: tuple[str, ...]) -> None:
    run = sam(*command)

    assert run.returncode == 1
    assert re.search(r"emulator does not have the service (xray|schemas): only AWS", run.stderr), run.stderr
    assert "Traceback" not in run.stderr


def copy_of_the_checkout(folder: Path) -> Path:
    """Copy what `sam sync` reads, with the dependencies that the last build installed, so that it installs none."""
    root = checkout().root
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(root / name, folder / name)
    shutil.copytree(root / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / ".aws-sam" / "deps", folder / ".aws-sam" / "deps")
    # SAM finds a function's dependencies by the folder of its sources.
    built = (root / ".aws-sam" / "build.toml").read_text("utf-8")
    (folder / ".aws-sam" / "build.toml").write_text(built.replace(str(root / "src"), str(folder / "src")), "utf-8")
    return folder


def test_sync_updates_a_function_when_its_source_changes(pipeline: Pipeline, tmp_path: Path) -> None:
    with alone_in(pipeline.layout):
        folder = copy_of_the_checkout(tmp_path)
    handler = folder / "src" / "extract" / "handler.py"
    source = handler.read_text("utf-8")
    parameters = {**deployment.local_parameters(), **pipeline.parameters}
    overrides = [f"{name}={value}" for name, value in parameters.items()]

    with (
        code_put_back(pipeline),
        following(
            "sync", *STACK, "--no-dependency-layer", "--watch", "--parameter-overrides", *overrides, folder=folder
        ) as sync,
    ):
        sync.wait_for("nfra sync")
        for times, text in enumerate((f"{source}\n# Changed.\n", source), start=1):
            before = code_of(pipeline, "extract")
            handler.write_text(text, "utf-8")
            sync.wait_for("Finished syncing Lambda Function ExtractFunction", times=times)
            assert code_of(pipeline, "extract") != before

    assert pipeline.drop({"sam/synced.csv": small_file("Synced").body})["sam/synced.csv"].rows_loaded == 3


@contextmanager
def code_put_back(pipeline: Pipeline) -> Iterator[None]:
    """Give each function its code back. `sam sync` changes it behind CloudFormation's back, for later tests too."""
    functions = pipeline.client("lambda")
    names = [pipeline.fact(f"{stage}/function/name") for stage in STAGES]
    addresses = {name: functions.get_function(FunctionName=name)["Code"]["Location"] for name in names}
    # The emulator's own address, which needs its token; on AWS it is a presigned one.
    token = {"Authorization": f"Bearer {keys.read_token(pipeline.layout)}"}
    packages = {name: urlopen(Request(address, headers=token)).read() for name, address in addresses.items()}  # noqa: S310
    try:
        yield
    finally:
        for name, package in packages.items():
            functions.update_function_code(FunctionName=name, ZipFile=package)
            functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def code_of(pipeline: Pipeline, stage: str) -> str:
    """Return the digest of a function's package."""
    name = pipeline.fact(f"{stage}/function/name")
    return str(pipeline.client("lambda").get_function_configuration(FunctionName=name)["CodeSha256"])
