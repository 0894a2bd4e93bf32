"""The workflows only call make targets, pin their actions, and grant each job only the permissions that it names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILES = [ROOT / "Makefile", *(ROOT / "make").glob("*.mk")]
MAKE_TARGETS = {
    target
    for makefile in MAKEFILES
    for target in re.findall(r"^([a-z][a-z-]*):", makefile.read_text(encoding="utf-8"), re.MULTILINE)
}
JOB_PERMISSIONS = ({"contents": "read"}, {"contents": "read", "id-token": "write"})

every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)


def test_there_is_one_workflow_to_check_and_one_to_deploy() -> None:
    assert [workflow.name for workflow in WORKFLOWS] == ["ci.yml", "deploy.yml"]


@every_workflow
def test_every_command_is_a_make_target_that_exists(workflow: Path) -> None:
    commands = [step["run"] for step in _steps(workflow) if "run" in step]

    words = [command.split() for command in commands]

    assert [command for command, (make, *_) in zip(commands, words, strict=True) if make != "make"] == []
    assert [target for _, target, *_ in words if target not in MAKE_TARGETS] == []
    assert [argument for _, _, *arguments in words for argument in arguments if "=" not in argument] == []


@every_workflow
def test_every_action_is_pinned_by_commit_with_its_version_in_a_comment(workflow: Path) -> None:
    uses = re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8"))

    external = [action for action in uses if not action.startswith("./")]

    assert [
        action for action in external if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
    ] == []


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for workflow in WORKFLOWS:
        for action, commit in re.findall(r"uses: ([^\s@]+)@(\S+ # \S+)", workflow.read_text(encoding="utf-8")):
            pins.setdefault(action, set()).add(commit)

    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


@every_workflow
def test_a_job_has_only_the_permissions_that_it_names(workflow: Path) -> None:
    declared = _read(workflow)

    assert declared["permissions"] == {}
    assert [name for name, job in declared["jobs"].items() if job.get("permissions") not in JOB_PERMISSIONS] == []


@every_workflow
def test_only_a_job_with_a_github_environment_can_assume_a_role_in_aws(workflow: Path) -> None:
    jobs = _read(workflow)["jobs"]

    unbound = [
        name for name, job in jobs.items() if "id-token" in job["permissions"] and job.get("environment") != name
    ]

    assert unbound == []


@every_workflow
def test_a_checkout_leaves_no_credentials_behind(workflow: Path) -> None:
    checkouts = [step for step in _steps(workflow) if step.get("uses", "").startswith("actions/checkout@")]

    assert [step for step in checkouts if step["with"] != {"persist-credentials": False}] == []


def test_production_is_deployed_after_dev_and_dev_after_the_tests() -> None:
    jobs = _read(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]

    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert (jobs["dev"]["needs"], jobs["prod-plan"]["needs"], jobs["prod"]["needs"]) == ("ci", "dev", "prod-plan")


def test_a_deployment_is_tried_before_the_next_environment_and_production_is_planned_before_it_is_approved() -> None:
    jobs = _read(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]
    del jobs["ci"]

    assert {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()} == {
        "dev": ["make deploy-built ENV=dev", "make smoke ENV=dev"],
        "prod-plan": ["make plan-built ENV=prod"],
        "prod": ["make deploy-built ENV=prod", "make smoke ENV=prod"],
    }


def test_every_environment_gets_the_one_build_that_the_tests_of_the_change_have_made() -> None:
    ci, deploy = (_read(ROOT / ".github" / "workflows" / f"{name}.yml")["jobs"] for name in ("ci", "deploy"))
    del deploy["ci"]
    uploads = [step for job in ci.values() for step in job["steps"] if "upload-artifact@" in step.get("uses", "")]
    downloads = {
        name: [step["with"] for step in job["steps"] if "download-artifact@" in step.get("uses", "")]
        for name, job in deploy.items()
    }

    (upload,) = (step["with"] for step in uploads)
    artefact = {"name": upload["name"], "path": upload["path"]}
    assert artefact["path"] == ".aws-sam/build"
    assert upload["include-hidden-files"] is True
    assert ci["build"]["steps"][-2:] == [{"run": "make build"}, *uploads]
    assert downloads == {job: [artefact] for job in deploy}


def test_only_a_plan_runs_without_the_role_that_deploys() -> None:
    jobs = _read(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]

    roles = {
        name: [
            step["with"]["role-to-assume"] for step in job.get("steps", []) if "role-to-assume" in step.get("with", {})
        ]
        for name, job in jobs.items()
    }

    deploy, plan = ["${{ vars.DEPLOY_ROLE_ARN }}"], ["${{ vars.PLAN_ROLE_ARN }}"]
    assert roles == {"ci": [], "dev": deploy, "prod-plan": plan, "prod": deploy}


@every_workflow
def test_no_deployment_waits_for_one_of_another_environment(workflow: Path) -> None:
    declared = _read(workflow)

    deployments = [job for job in declared["jobs"].values() if "environment" in job]

    assert "concurrency" not in declared
    assert [job.get("concurrency") for job in deployments] == [
        {"group": f"deploy-{job['environment']}", "cancel-in-progress": False} for job in deployments
    ]


def test_merged_changes_are_tested_in_their_order_so_that_dev_gets_them_in_their_order() -> None:
    jobs = _read(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]

    assert jobs["ci"]["concurrency"] == {"group": "deploy-ci", "cancel-in-progress": False}


def test_ci_runs_the_same_make_targets_as_people() -> None:
    jobs = _read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]

    assert {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()} == {
        "check": ["make check", "make check-secrets", "make check-template"],
        "test": ["make test"],
        "build": ["make build"],
        "container": ["make test-container"],
    }


def _read(workflow: Path) -> dict[str, Any]:
    declared: dict[str, Any] = yaml_parse(workflow.read_text(encoding="utf-8"))
    return declared


def _steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in _read(workflow)["jobs"].values():
        yield from job.get("steps", [])
