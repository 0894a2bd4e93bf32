"""A stack that was deleted comes back with its data, as docs/operations.md says. It is a stack of the test's own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from cafe.deployed.environment import LOCAL, open_environment
from cafe.errors import StackNotUp
from cafe.local import deployment, keys
from cafe.local.emulator import ACCOUNT_ID, client_environment
from cafe.local.errors import LocalStackError
from cafe.local.layout import Layout, checkout
from cafe.local.stack import up
from e2e.branch_files import small_file
from e2e.command_line import cafe
from e2e.pipeline import Pipeline, alone_in, deployed
from unit.docs.runbooks import installation_commands

pytestmark = pytest.mark.e2e


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Pipeline]:
    with deployed(Layout(checkout().root, tmp_path), {}) as pipeline:
        yield pipeline


def type_in(stack: Pipeline, command: str) -> None:
    """Run a line of the page in a shell, on the local stack. It must succeed."""
    line = command.replace("ENV", "dev").replace("ACCOUNT", ACCOUNT_ID)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        **os.environ,
        **client_environment(stack.stack.endpoint_url, keys.read(stack.layout)),
        "PATH": programs,
    }
    run = subprocess.run(  # noqa: S602  the page's own commands, with their $(…)
        line,
        shell=True,
        cwd=stack.layout.root,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, f"{line}\n{run.stdout}\n{run.stderr}"


def sam_delete(stack: Pipeline) -> None:
    type_in(stack, next(installation_commands()).text)


def delete_for_good(stack: Pipeline) -> None:
    """Type what the page says, except what only AWS has: the emulator lacks Redshift's API."""
    commands = [command for command in installation_commands() if command.section == "Delete for good"]
    assert [command.text.split()[1] for command in commands if command.is_aws_only] == ["redshift-serverless"]
    first, *rest = [command.text for command in commands if not command.is_aws_only]
    of_buckets = [line for line in rest if " delete-bucket " in line]
    of_the_key = [line for line in rest if line.startswith("aws kms ")]
    assert rest[-len(of_the_key) :] == of_the_key
    # At the same time, because most of it is the start of a program. A bucket must be empty before it is deleted.
    type_in(stack, first)
    for lines in ([line for line in rest if line not in of_buckets + of_the_key], of_buckets):
        with ThreadPoolExecutor() as pool:
            list(pool.map(partial(type_in, stack), lines))
    for line in of_the_key:
        type_in(stack, line)


def deploy(stack: Pipeline) -> None:
    with alone_in(stack.layout):
        root_keys = keys.read(stack.layout)
        deployment.deploy(stack.layout, stack.stack.endpoint_url, root_keys, deployment.local_parameters())


def start_again(stack: Pipeline) -> tuple[Pipeline, list[str]]:
    """Run `cafe up`. Return the pipeline that it deployed, and the steps that it showed."""
    steps = list[str]()

    def progress(step: str) -> nullcontext[None]:
        steps.append(step)
        return nullcontext()

    running = up(progress, {}, stack.layout)
    pipeline = replace(stack, stack=running, environment=open_environment(LOCAL))
    pipeline.connect()
    return pipeline, steps


def test_a_deleted_stack_is_refused_until_what_it_kept_is_adopted_and_then_has_its_sales(stack: Pipeline) -> None:
    """At last, `cafe up` needs no adoption: it discards what a deleted stack kept, except the warehouse's data."""
    stack.drop({"return/before.csv": small_file("Before Delete").body})
    totals, bucket = stack.totals(), stack.fact("drop/bucket/name")
    secret = stack.client("secretsmanager").get_secret_value(SecretId="cafe-dev/warehouse")
    key = stack.client("kms").describe_key(KeyId="alias/cafe-dev")["KeyMetadata"]
    stack.disconnect()

    sam_delete(stack)

    with pytest.raises(ClientError, match="does not exist"):
        stack.client("cloudformation").describe_stacks(StackName="cafe-dev")
    assert [item["Key"] for item in stack.client("s3").list_objects_v2(Bucket=bucket)["Contents"]] == [
        "head-office/return/before.csv"
    ]
    with pytest.raises(LocalStackError, match="failed"):
        deploy(stack)
    events = stack.client("cloudformation").describe_events(StackName="cafe-dev")["OperationEvents"]
    assert f"'{bucket}' already exists" in json.dumps(events, default=str)

    assert cafe("adopt", "--dry-run").exit_code == 1
    adopted = cafe("adopt", "--yes")
    deploy(stack)

    assert adopted.exit_code == 0
    names = {kept["name"] for kept in adopted.answer["kept"]}
    assert names >= {bucket, "cafe-dev", "cafe-dev/warehouse", "alias/cafe-dev"}
    assert stack.physical_id("EncryptionKey") == key["KeyId"]
    kept_secret = stack.client("secretsmanager").describe_secret(SecretId="cafe-dev/warehouse")
    assert kept_secret["KmsKeyId"] == key["Arn"]
    again = Pipeline(stack.layout, stack.stack, open_environment(LOCAL), {})
    again.connect()
    try:
        assert stack.client("secretsmanager").get_secret_value(SecretId="cafe-dev/warehouse")["ARN"] == secret["ARN"]
        assert again.totals() == totals
        after = again.drop({"return/after.csv": small_file("After Return").body})
        assert after["return/after.csv"].rows_loaded == 3
        assert again.faults() == {}
    finally:
        again.close()

    delete_for_good(stack)

    assert stack.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert {kept["name"] for kept in cafe("adopt", "--dry-run").answer["kept"]} == {"cafe-dev"}
    assert deployment.stack_id(stack.stack.endpoint_url, keys.read(stack.layout)) is None
    with pytest.raises(StackNotUp, match=r"cafe-dev was deleted.*cafe up"):
        open_environment(LOCAL).fact("drop/bucket/name")

    restarted, steps = start_again(stack)

    assert steps[0] == "cafe-dev was deleted: discard what it kept"
    try:
        last = restarted.drop({"return/last.csv": small_file("Last Return").body})
        assert last["return/last.csv"].rows_loaded == 3
        assert restarted.totals().orders == totals.orders + 6
    finally:
        restarted.close()
