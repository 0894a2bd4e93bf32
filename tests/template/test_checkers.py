"""Each checker of the make targets runs as make runs it, on a scratch checkout, and finds what is planted there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from template.stack import GITHUB_FILE, TEMPLATE_FILE, read_source

ROOT = Path(__file__).parents[2]
SETTINGS = (
    ".checkov.yaml",
    ".ci/run",
    ".github/github-oidc.yaml",
    ".pre-commit-config.yaml",
    "grafana/host/boot.sh",
    "grafana/host/versions.env",
    "make/find-python.sh",
    "pyproject.toml",
    "tests/made_up_secrets.py",
)
FOLDERS = ("src", "cafe", "local_redshift", "patched_ministack", "bench")
WORKFLOW = """\
on:
  {trigger}:

permissions: {{}}

jobs:
  check:
    runs-on: ubuntu-24.04
    steps:
      - run: make check
"""
TEMPLATE = """\
Resources:
  Planted:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Made up for this test
      SecurityGroupIngress:
        - Description: Sessions
          IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: {range}
"""
PASSWORD = "-".join(["correct", "horse", "battery"])  # joined here, so that it is not found in this file
# Checker: its target, the file, harmless text, and the text with the fault.
CHECKERS = {
    "bandit": (
        "check",
        "src/planted.py",
        'import subprocess\n\nsubprocess.run(["ls"], check=True)\n',
        'import subprocess\n\nsubprocess.run("ls " + input(), shell=True, check=True)\n',
    ),
    "zizmor": (
        "check",
        ".github/workflows/planted.yml",
        WORKFLOW.format(trigger="pull_request"),
        WORKFLOW.format(trigger="pull_request_target"),
    ),
    "shellcheck": (
        "check",
        "grafana/host/planted.sh",
        '#!/bin/bash\nrm -- "$1"\n',
        "#!/bin/bash\nrm -- $1\n",
    ),
    "detect-secrets-hook": (
        "check-secrets",
        "cafe/planted.py",
        'password = "made-up"\n',
        f'password = "{PASSWORD}"\n',
    ),
    ".venv-checkov/bin/checkov": (
        "check-template",
        "template.yaml",
        TEMPLATE.format(range="10.20.0.0/16"),
        TEMPLATE.format(range="0.0.0.0/0"),
    ),
}
# Hook of git: the file, harmless text, and the text with the fault.
HOOKS = {
    "format": ("src/planted.py", "planted = [1]\n", "planted = [ 1 ]\n"),
    "lint": ("src/planted.py", "planted = [1]\n", "import os\n"),
    "shell": CHECKERS["shellcheck"][1:],
    "workflows": CHECKERS["zizmor"][1:],
    "secrets": CHECKERS["detect-secrets-hook"][1:],
}
MESSAGES = {
    "as it should be": ("Reject the file when its key is too long\n\n" + "It is wide. " * 20, 0),
    "without a body": ("Read amounts with a currency sign", 0),
    "an imperative in -ed": ("Feed the queue by hand", 0),
    "a long subject": ("Reject " + "x" * 66, 1),
    "a small letter": ("reject the file", 1),
    "a full stop": ("Reject the file.", 1),
    "a past tense": ("Fixed the clock", 1),
    "no blank line": ("Reject the file\nwhen its key is too long", 1),
}
MAX_RULES_OFF = 8
# An id more is a decision: docs/decisions/tests.md lists them with their reasons.
OFF_FOR_A_RESOURCE = {"CKV_AWS_18", "CKV_AWS_88", "CKV_AWS_111"}
MIN_WORDS_OF_A_REASON = 6


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A git checkout that holds the checkers' settings and no code."""
    for name in SETTINGS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    for environment in (".venv", ".venv-checkov"):
        (tmp_path / environment).symlink_to(ROOT / environment)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def command_of(target: str, checker: str) -> str:
    """Return the command in which a make target runs a checker."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    recipe = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", target],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.replace("\\\n", " ")
    [command] = [line for line in recipe.splitlines() if checker in line.split()]
    return command


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_checker_finds_what_is_planted_and_nothing_before(scratch: Path, checker: str) -> None:
    target, name, harmless, faulty = CHECKERS[checker]
    if target == "check-template" and os.environ.get("CHECKOV_TESTS") != "required":
        pytest.skip("checkov is in an environment of its own: `make check-template` runs this test")
    command = command_of(target, checker)

    outcomes = []
    for text in (harmless, faulty):
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_text(text, encoding="utf-8")
        outcomes.append(_run(command, scratch))

    before, after = outcomes
    assert before.returncode == 0, before.stdout + before.stderr
    assert after.returncode != 0
    assert Path(name).name in after.stdout + after.stderr


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_of_git_refuses_what_is_planted_and_nothing_before(scratch: Path, hook: str) -> None:
    name, harmless, faulty = HOOKS[hook]

    outcomes = []
    for text in (harmless, faulty):
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_text(text, encoding="utf-8")
        outcomes.append(_run(f"git add {name}; PRE_COMMIT_HOME=.git/hooks-home pre-commit run {hook}", scratch))

    before, after = outcomes
    assert before.returncode == 0, before.stdout + before.stderr
    assert after.returncode == 1, after.stdout + after.stderr


@pytest.mark.parametrize(("message", "code"), MESSAGES.values(), ids=MESSAGES)
def test_a_hook_of_git_refuses_a_message_without_a_good_subject(scratch: Path, message: str, code: int) -> None:
    (scratch / "message").write_text(f"{message}\n", encoding="utf-8")
    command = "pre-commit run message --hook-stage commit-msg --commit-msg-filename message"

    outcome = _run(f"PRE_COMMIT_HOME=.git/hooks-home {command}", scratch)

    assert outcome.returncode == code, outcome.stdout + outcome.stderr


def test_every_hook_of_git_is_tried() -> None:
    [repository] = yaml_parse((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]

    assert {hook["id"] for hook in repository["hooks"]} == {*HOOKS, "message"}


def test_few_rules_of_checkov_are_off_in_all() -> None:
    settings = yaml_parse((ROOT / ".checkov.yaml").read_text(encoding="utf-8"))

    assert len({*settings["skip-check"], *OFF_FOR_A_RESOURCE}) <= MAX_RULES_OFF


def test_few_rules_of_checkov_are_off_for_single_resources_each_with_its_reason() -> None:
    skipped = [
        (name, rule)
        for file in (TEMPLATE_FILE, GITHUB_FILE)
        for name, resource in read_source(file)["Resources"].items()
        for rule in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]

    assert {rule["id"] for _, rule in skipped} == OFF_FOR_A_RESOURCE
    assert [name for name, rule in skipped if len(rule["comment"].split()) < MIN_WORDS_OF_A_REASON] == []


def test_what_outsiders_write_into_has_its_access_log_checked() -> None:
    skipped = read_source()["Resources"]["DropBucket"].get("Metadata", {})

    assert "checkov" not in skipped


def test_checkov_reads_every_template() -> None:
    settings = yaml_parse((ROOT / ".checkov.yaml").read_text(encoding="utf-8"))

    assert settings["file"] == ["template.yaml", *(str(path.relative_to(ROOT)) for path in ROOT.glob(".github/*.yaml"))]


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as make does, with the tools' environment on the PATH."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        check=False,
        text=True,
    )
