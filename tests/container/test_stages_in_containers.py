"""All three functions in containers against the deployed local stack: by `cafe invoke`, and by SAM's own command.

The deployed extract is paused, so that what is in the warehouse comes from the containers.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from container.conftest import DONE
from e2e.branch_files import small_file
from e2e.command_line import CAFE, cafe
from e2e.pipeline import Pipeline

pytestmark = pytest.mark.e2e

# A person who is signed in to AWS. The emulator refuses these keys, so the functions would fail with them.
SIGNED_IN = {"AWS_ACCESS_KEY_ID": "AKIAOWN", "AWS_SECRET_ACCESS_KEY": "own", "AWS_SESSION_TOKEN": "own"}


def branch_file(folder: Path, branch: str) -> Path:
    file = folder / f"{branch}.csv"
    file.write_bytes(small_file(branch).body)
    return file


def orders_by_branch(pipeline: Pipeline) -> dict[str, int]:
    rows = pipeline.rows(
        """
        select lower(branch_name) as branch, count(*) as orders
        from core.orders
        join core.branches using (branch_id)
        group by lower(branch_name)
        """
    )
    return {row["branch"]: row["orders"] for row in rows}


def test_a_file_gets_into_the_warehouse_through_three_containers(
    pipeline: Pipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = branch_file(tmp_path, "aberdeen")
    for name, value in SIGNED_IN.items():
        monkeypatch.setenv(name, value)

    with pipeline.paused("extract"):
        run = cafe("invoke", "load", file, "--container")

        assert run.exit_code == 0
        assert run.answer == {"stage": "load", "failed": False, "answer": {"batchItemFailures": []}, "messages": []}
        assert orders_by_branch(pipeline)["aberdeen"] == small_file("aberdeen").orders
    pipeline.wait_until_idle()


@pytest.mark.parametrize("stage", DONE)
def test_the_line_that_cafe_event_prints_runs_the_function(pipeline: Pipeline, tmp_path: Path, stage: str) -> None:
    file = branch_file(tmp_path, f"{stage}-town")
    environment = {**os.environ, **SIGNED_IN}

    with pipeline.paused("extract"):
        event = subprocess.run(
            [CAFE, "event", file, "--stage", stage],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        (tmp_path / "event.json").write_text(event.stdout, encoding="utf-8")
        line = event.stderr.splitlines()[-1].strip()
        typed = subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True, check=False, text=True
        )

    assert "sam local invoke" in line
    assert typed.returncode == 0, typed.stderr
    assert json.loads(typed.stdout) == {"batchItemFailures": []}
    assert f'"message":"{DONE[stage]}"' in typed.stderr
    pipeline.wait_until_idle()
