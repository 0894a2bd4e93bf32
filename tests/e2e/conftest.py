"""One local stack for all end-to-end tests: the real template, deployed into a temporary folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cafe.local.layout import Layout, checkout
from e2e.pipeline import Pipeline, deployed
from e2e.principals import Principals

# Seconds until a failed message is delivered again, and tries before it becomes a dead letter. The seconds are more
# than a batch of branch files takes on a busy machine. No test waits for them: it lets a minute pass.
PARAMETERS = {
    "VisibilityTimeoutSeconds": "50",
    "LoadVisibilityTimeoutSeconds": "50",
    "MaxReceiveCount": "3",
    "LoadMaxReceiveCount": "3",
    "MorningMail2": "ada@tester.example",
}


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The deployed pipeline. Tests share it, so each drops files of a branch of its own."""
    layout = Layout(checkout().root, tmp_path_factory.mktemp("stack"))
    with deployed(layout, PARAMETERS) as pipeline:
        yield pipeline


@pytest.fixture(scope="session")
def principals(pipeline: Pipeline) -> Iterator[Principals]:
    """Clients of everybody who may call something."""
    made = Principals(pipeline)
    yield made
    made.close()


@pytest.fixture(scope="session")
def night_folder() -> Path:
    """The committed sample files: a night of branch files."""
    return checkout().root / "samples" / "night"
