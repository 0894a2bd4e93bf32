"""Which browser draws the preview, and whether it runs in its sandbox."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cafe.dashboards.preview import browser
from cafe.dashboards.preview.browser import BrowserExited, find_chromium, headless_page

ROOT = Path(__file__).parents[3]
USER, SUPERUSER = 1000, 0
# Answers every command of the DevTools protocol; a script is answered with the switches that the browser was given.
BROWSER = """#!{python}
import json, os, sys
if {refused} and "--no-sandbox" not in sys.argv:
    sys.exit("ERROR: No usable sandbox!")
received = b""
while chunk := os.read(3, 65536):
    *commands, received = (received + chunk).split(b"\\0")
    for command in commands:
        result = {{"targetId": "t", "sessionId": "s", "result": {{"value": sys.argv}}}}
        os.write(4, json.dumps({{"id": json.loads(command)["id"], "result": result}}).encode() + b"\\0")
"""

type Install = Callable[[str, str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Write an executable into the only folder on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def write(name: str, script: str) -> Path:
        path = tmp_path / name
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


def test_google_chrome_is_preferred_to_chromium(install: Install) -> None:
    install("chromium", "")
    chrome = install("google-chrome", "")

    assert find_chromium() == chrome


@pytest.mark.parametrize("file", ["Makefile", ".ci/run"])
def test_make_and_ci_look_for_the_same_browsers_in_the_same_order(file: str) -> None:
    (names,) = re.findall(r"command -v ((?:[a-z-]*chrom[a-z-]* ?)+)", (ROOT / file).read_text(encoding="utf-8"))

    assert tuple(names.split()) == browser.COMMANDS


@pytest.mark.parametrize(
    ("user", "refused", "in_sandbox"),
    [(USER, False, True), (USER, True, False), (SUPERUSER, False, False)],
    ids=["a user", "a user whose kernel refuses the sandbox", "root"],
)
def test_the_sandbox_is_on_wherever_it_can_run(
    install: Install, monkeypatch: pytest.MonkeyPatch, user: int, refused: bool, in_sandbox: bool
) -> None:
    install("chromium", BROWSER.format(python=sys.executable, refused=refused))
    monkeypatch.setattr(os, "geteuid", lambda: user)

    with headless_page(800, 600) as page:
        switches = page.evaluate("switches")

    assert ("--no-sandbox" not in switches) == in_sandbox


def test_a_browser_that_exits_without_its_sandbox_too_says_why_and_what_to_do(install: Install) -> None:
    install("chromium", "#!/bin/sh\necho 'FATAL: no memory' >&2\necho '#0 in a function' >&2\nexit 1\n")

    with pytest.raises(BrowserExited, match=r"FATAL: no memory Install google-chrome"), headless_page(800, 600):
        pass
