"""Deploying on a stack that is up and at work: nothing changes that should not, and nothing on its way is lost."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cafe.ledger import FileVersion
from cafe.local import deployment
from cafe.local.layout import Layout
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline

pytestmark = pytest.mark.e2e

PAUSE_SECONDS = 0.25
ORDERS_A_FILE = 3


def test_a_second_deploy_of_the_same_template_changes_nothing_and_the_pipeline_goes_on(pipeline: Pipeline):
    pipeline.drop({"deploys/before.csv": small_file("Before Deploy").body})
    resources, code, totals = resources_of(pipeline), code_of(pipeline), pipeline.totals()

    deploy(pipeline, pipeline.layout)

    assert resources_of(pipeline) == resources
    assert code_of(pipeline) == code
    assert pipeline.totals() == totals
    after = pipeline.drop({"deploys/after.csv": small_file("After Deploy").body})
    assert after["deploys/after.csv"].rows_loaded == 3


def test_a_release_and_its_rollback_in_the_middle_of_a_drop_lose_nothing(pipeline: Pipeline, new_release: Layout):
    code, versions = code_of(pipeline), list[FileVersion]()
    is_over = Event()

    def drop_steadily() -> None:
        while not is_over.wait(PAUSE_SECONDS):
            number = len(versions)
            body = small_file("Middle Deploy", ORDERS_A_FILE, first=number * ORDERS_A_FILE % 480).body
            versions.append(pipeline.put(f"deploys/middle-{number}.csv", body))

    with ThreadPoolExecutor(1) as pool:
        dropping = pool.submit(drop_steadily)
        try:
            deploy(pipeline, new_release)
            released = code_of(pipeline)
            deploy(pipeline, pipeline.layout)
        finally:
            is_over.set()
        dropping.result()
    outcomes = pipeline.outcomes_of(versions)

    assert all(released[function] != code[function] for function in code), "the release reached every function"
    assert code_of(pipeline) == code, "and was rolled back"
    assert len(outcomes) == len(versions) > 10
    assert {outcome.outcome for outcome in outcomes.values()} == {"loaded"}
    orders = min(len(versions) * ORDERS_A_FILE, 480)
    assert sum(outcome.rows_loaded for outcome in outcomes.values()) == orders
    pipeline.wait_until_idle()


@pytest.fixture
def new_release(pipeline: Pipeline, tmp_path: Path) -> Iterator[Layout]:
    """Another checkout, built: the same sources with one line more in each handler."""
    root, here = tmp_path / "release", pipeline.layout.root
    shutil.copytree(pipeline.layout.build, root / ".aws-sam" / "build")
    for name in ("Makefile", "samconfig.toml", "template.yaml"):
        shutil.copy(here / name, root / name)
    (root / ".venv").symlink_to(here / ".venv")
    for handler in (root / ".aws-sam" / "build").glob("*Function/*/handler.py"):
        handler.write_text(handler.read_text(encoding="utf-8") + "# The next release.\n", encoding="utf-8")
    return Layout(root, tmp_path / "state")


def deploy(pipeline: Pipeline, layout: Layout) -> None:
    """Deploy what a checkout has built, as `cafe up` and `make deploy` do."""
    parameters = {**deployment.local_parameters(), **pipeline.parameters}
    deployment.deploy(layout, pipeline.stack.endpoint_url, parameters)


def resources_of(pipeline: Pipeline) -> dict[str, tuple[str, datetime]]:
    """Give every resource of the stack: what it is called, and when it was last touched."""
    answer = pipeline.client("cloudformation").describe_stack_resources(StackName=pipeline.stack.stack_name)
    return {
        resource["LogicalResourceId"]: (resource["PhysicalResourceId"], resource["Timestamp"])
        for resource in answer["StackResources"]
    }


def code_of(pipeline: Pipeline) -> dict[str, Any]:
    """Give the digest of each function's package."""
    names = [pipeline.fact(f"{stage}/function/name") for stage in ("extract", "transform", "load")]
    describe = pipeline.client("lambda").get_function_configuration
    return {name: describe(FunctionName=name)["CodeSha256"] for name in names}
