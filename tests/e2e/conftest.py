"""One local stack for all end-to-end tests, beside any other: the real template, deployed into a folder of its own."""

import signal
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from cafe.environment import LOCAL, open_environment
from cafe.local import stack
from cafe.local.layout import STATE_VARIABLE, Layout, checkout
from e2e.pipeline import Pipeline

# A failed message comes again after so many seconds, and goes to the dead-letter queue after so many tries: short, so
# that the tests of failures need not wait long, but longer than a batch of branch files takes.
PARAMETERS = {"VisibilityTimeoutSeconds": "6", "MaxReceiveCount": "3"}


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The pipeline, deployed and empty at first. Tests share it: each drops files of a branch of its own."""
    layout = Layout(checkout().root, tmp_path_factory.mktemp("stack"))
    # pytest takes its fixtures down on Ctrl-C; let TERM, which would leave the stack behind, be the same.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(STATE_VARIABLE, str(layout.state))
            with warnings.catch_warnings():
                # PostgreSQL is meant to outlive the object that started it; Python finds that worth a warning.
                warnings.filterwarnings("ignore", "subprocess .* is still running", ResourceWarning)
                # The driver makes its TLS context in a way that Python has deprecated.
                warnings.filterwarnings("ignore", r"ssl\.", DeprecationWarning)
                running = stack.up(_quietly, PARAMETERS, layout)
                pipeline = Pipeline(layout, running, open_environment(LOCAL), PARAMETERS)
                pipeline.rows("select 1 as one")
            try:
                yield pipeline
            finally:
                pipeline.close()
    finally:
        signal.signal(signal.SIGTERM, before)
        stack.down(layout)


def _quietly(_step: str) -> AbstractContextManager[None]:
    return nullcontext()


@pytest.fixture(scope="session")
def night_folder() -> Path:
    """The samples: a night of branch files, committed."""
    return checkout().root / "samples" / "night"
