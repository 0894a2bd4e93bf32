"""A deployed local stack that containers reach. Without an engine or an image, the tests say which is missing."""

import os
from collections.abc import Iterator

import pytest

from cafe.local.deployment import architecture
from cafe.local.engine import NoEngine, find_engine
from cafe.local.layout import Layout, checkout
from cafe.local.sam_local import image
from e2e.pipeline import Pipeline, deployed

# `make test-container` sets this. Then what is missing is downloaded, or makes the tests fail.
REQUIRED_VARIABLE = "CONTAINER_TESTS"
RUNTIME = "python3.13"
# What each function logs when it has done its work.
DONE = {"extract": "file.extracted", "transform": "part.transformed", "load": "file.completed"}


@pytest.fixture(scope="session")
def engine_with_image() -> None:
    """A container engine and AWS's image of the runtime."""
    required = os.environ.get(REQUIRED_VARIABLE) == "required"
    try:
        engine = find_engine()
    except NoEngine as missing:
        if required:
            raise
        pytest.skip(str(missing))
    name = image(RUNTIME, architecture())
    if engine.has_image(name):
        return
    if not required:
        pytest.skip(f"the image {name} is missing; `make test-container` downloads it")
    engine.pull(name)


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory, engine_with_image: None) -> Iterator[Pipeline]:
    """The deployed pipeline."""
    assert engine_with_image is None
    with deployed(Layout(checkout().root, tmp_path_factory.mktemp("stack")), {}) as pipeline:
        yield pipeline
