"""One local stack for all end-to-end tests, beside any other: the real template, deployed into a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cafe.local.layout import Layout, checkout
from e2e.pipeline import Pipeline, deployed

# A failed message comes again after so many seconds, and goes to the dead-letter queue after so many tries: short, so
# that the tests of failures need not wait long, but longer than a batch of branch files takes.
PARAMETERS = {"VisibilityTimeoutSeconds": "6", "MaxReceiveCount": "3"}


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The pipeline, deployed and empty at first. Tests share it: each drops files of a branch of its own."""
    layout = Layout(checkout().root, tmp_path_factory.mktemp("stack"))
    with deployed(layout, PARAMETERS) as pipeline:
        yield pipeline


@pytest.fixture(scope="session")
def night_folder() -> Path:
    """The samples: a night of branch files, committed."""
    return checkout().root / "samples" / "night"
