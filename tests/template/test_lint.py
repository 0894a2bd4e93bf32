"""cfn-lint and `sam validate` find nothing, in the template and in its expansion by SAM."""

import json
import os
import subprocess
import sys
from pathlib import Path

from cfnlint.api import lint

from template.stack import REGION, TEMPLATE_FILE, expand, read_source


def test_cfn_lint_finds_nothing_in_the_template() -> None:
    findings = lint(TEMPLATE_FILE.read_text(encoding="utf-8"), regions=[REGION])

    assert [str(finding) for finding in findings] == []


def test_cfn_lint_finds_nothing_in_the_expansion() -> None:
    expansion = json.dumps(expand(read_source()), indent=1)

    findings = lint(expansion, regions=[REGION])

    assert [str(finding) for finding in findings] == []


def test_cfn_lint_finds_in_the_expansion_what_it_misses_in_the_template() -> None:
    source = read_source()
    source["Resources"]["ArrivalsQueue"]["Properties"]["VisibilityTimeout"] = 60

    findings = lint(json.dumps(expand(source), indent=1), regions=[REGION])

    assert findings


def test_sam_validate_finds_nothing() -> None:
    sam = Path(sys.executable).with_name("sam")

    # Run as a person runs it, except for the telemetry. It needs no AWS account.
    validation = subprocess.run(
        [sam, "validate", "--lint", "--region", REGION, "--template-file", TEMPLATE_FILE],
        cwd=TEMPLATE_FILE.parent,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert validation.returncode == 0, validation.stdout + validation.stderr
    assert "is a valid SAM Template" in validation.stdout
