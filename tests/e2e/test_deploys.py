"""Deploying to a stack that is processing files: nothing changes that should not, and no file is lost."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cafe.local import deployment, keys
from cafe.local.layout import Layout
from cafe.warehouse.ledger import FileVersion
from e2e.branch_files import small_file
from e2e.pipeline import Pipeline, alone_in

pytestmark = pytest.mark.e2e

PAUSE_SECONDS = 0.25
MOST_ON_THE_WAY = 5
ORDERS_A_FILE = 3


@dataclass(frozen=True, slots=True)
class Releases:
    """Two built checkouts: the deployed release, and the next one, with one more line in each handler."""

    current: Layout
    following: Layout


def test_a_second_deploy_of_the_same_template_changes_nothing_and_files_still_load(
    pipeline: Pipeline, releases: Releases
) -> None:
    pipeline.drop({"deploys/before.csv": small_file("Before Deploy").body})
    resources, code, totals = resources_of(pipeline), code_of(pipeline), pipeline.totals()

    deploy(pipeline, releases.current)

    assert resources_of(pipeline) == resources
    assert code_of(pipeline) == code
    assert pipeline.totals() == totals
    after = pipeline.drop({"deploys/after.csv": small_file("After Deploy").body})
    assert after["deploys/after.csv"].rows_loaded == 3


def test_F68_a_release_and_its_rollback_in_the_middle_of_a_drop_lose_nothing(
    pipeline: Pipeline, releases: Releases
) -> None:
    code, versions = code_of(pipeline), list[FileVersion]()
    is_over = Event()

    def drop_steadily() -> None:
        retry = pipeline.retries()
        while not is_over.wait(PAUSE_SECONDS):
            retry()
            number = len(versions)
            # A busy machine deploys for minutes and loads slowly. Files in plenty would not show more.
            if number - len(pipeline.recorded(versions)) >= MOST_ON_THE_WAY:
                continue
            body = small_file("Middle Deploy", ORDERS_A_FILE, first=number * ORDERS_A_FILE % 480).body
            versions.append(pipeline.put(f"deploys/middle-{number}.csv", body))

    with ThreadPoolExecutor(1) as pool:
        dropping = pool.submit(drop_steadily)
        try:
            deploy(pipeline, releases.following)
            released = code_of(pipeline)
            deploy(pipeline, releases.current)
        finally:
            is_over.set()
        dropping.result()
    outcomes = pipeline.outcomes_of(versions)

    assert all(released[function] != code[function] for function in code), "the release did not reach every function"
    assert code_of(pipeline) == code, "the release was not rolled back"
    assert len(outcomes) == len(versions) > 10
    assert {outcome.outcome for outcome in outcomes.values()} == {"loaded"}
    orders = min(len(versions) * ORDERS_A_FILE, 480)
    assert sum(outcome.rows_loaded for outcome in outcomes.values()) == orders
    pipeline.wait_until_idle()


@pytest.fixture(scope="module")
def releases(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """The deployed release and the next one, in temporary folders, because other tests may build the checkout."""
    folder = tmp_path_factory.mktemp("releases")
    with alone_in(pipeline.layout):
        current, following = (built_checkout(pipeline, folder / name) for name in ("current", "following"))
    for handler in following.build.glob("*Function/*/handler.py"):
        handler.write_text(handler.read_text(encoding="utf-8") + "# The next release.\n", encoding="utf-8")
    return Releases(current, following)


def built_checkout(pipeline: Pipeline, root: Path) -> Layout:
    """Copy the built functions of the checkout, and what `make sam-deploy` needs."""
    here = pipeline.layout
    shutil.copytree(here.build, root / ".aws-sam" / "build")
    for name in ("Makefile", "samconfig.toml", "template.yaml"):
        shutil.copy(here.root / name, root / name)
    (root / ".venv").symlink_to(here.root / ".venv")
    return Layout(root, root / "state")


def deploy(pipeline: Pipeline, layout: Layout) -> None:
    """Deploy a built checkout, as `cafe up` and `make deploy` do."""
    parameters = {**deployment.local_parameters(), **pipeline.parameters}
    deployment.deploy(layout, pipeline.stack.endpoint_url, keys.read(pipeline.layout), parameters)


def resources_of(pipeline: Pipeline) -> dict[str, tuple[str, datetime]]:
    """Return each resource's physical id and the time of its last change, by logical id."""
    answer = pipeline.client("cloudformation").describe_stack_resources(StackName=pipeline.stack.stack_name)
    return {
        resource["LogicalResourceId"]: (resource["PhysicalResourceId"], resource["Timestamp"])
        for resource in answer["StackResources"]
    }


def code_of(pipeline: Pipeline) -> dict[str, Any]:
    """Return the digest of each function's package."""
    names = [pipeline.fact(f"{stage}/function/name") for stage in ("extract", "transform", "load")]
    describe = pipeline.client("lambda").get_function_configuration
    return {name: describe(FunctionName=name)["CodeSha256"] for name in names}
