"""`sam local start-lambda` serves the functions against the deployed local stack, each call in a container."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from cafe.local.layout import checkout
from cafe.local.processes import free_port
from cafe.local.sam_local import logical_id
from cafe.sending.stage_runs import event_for
from container.conftest import DONE
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline
from e2e.sam import TIMEOUT_SECONDS, following

pytestmark = pytest.mark.e2e


def test_all_three_functions_are_invoked_through_start_lambda(pipeline: Pipeline, tmp_path: Path) -> None:
    port, layout = free_port(), pipeline.layout
    # In the checkout, samconfig.toml names these files of a stack that keeps its state there.
    files = {
        "--config-file": layout.sam_config,
        "--template-file": layout.sam_template,
        "--env-vars": layout.sam_values,
    }
    options = [part for name, path in files.items() for part in (name, str(path))]
    client = boto3.client(
        "lambda",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 1}),
    )

    with (
        pipeline.paused("extract"),
        following("local", "start-lambda", "--port", str(port), *options, folder=checkout().root) as sam,
    ):
        sam.wait_for("Running on")
        for stage, done in DONE.items():
            file = tmp_path / f"served-{stage}.csv"
            file.write_bytes(small_file(f"Served {stage}").body)
            event = event_for(pipeline.environment, stage, file, on_run=lambda _run: None)

            answer = client.invoke(FunctionName=logical_id(stage), Payload=json.dumps(event))

            assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
            sam.wait_for(f'"message":"{done}"')
    pipeline.wait_until_idle()
