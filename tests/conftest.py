"""What more than one folder of tests shares."""

import signal
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import pytest
import typer.testing
from aws_lambda_powertools import Metrics
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from cafe.local import processes
from cafe.local.layout import STATE_VARIABLE, WORKSPACE_VARIABLE

pytest_plugins = ("fixtures.warehouse", "fixtures.trading")

# A busy machine makes no property false. `make test-deep` tries more examples.
settings.register_profile("house", deadline=None, max_examples=50)
settings.register_profile("deep", deadline=None, max_examples=1000)
settings.load_profile("house")


def compute_once(owner: Any, name: str, *myself: object) -> None:
    """Have a function keep its answers, or a method that gives the same for every object of its class."""
    kept = cache(partial(getattr(owner, name), *myself))
    setattr(owner, name, lambda *arguments: kept(*arguments[len(myself) :]))


# Each session of botocore reads the descriptions of AWS's services again and renames their events, and each run of a
# command builds the whole command line again. That takes longer than most tests.
compute_once(JSONFileLoader, "load_file", JSONFileLoader())
compute_once(EventAliaser, "_alias_event_name", EventAliaser(HierarchicalEmitter()))
compute_once(typer.testing, "_get_command")

# A shell starts what it runs in the background deaf to Ctrl-C, and children inherit that: commands that the tests
# interrupt would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_process_of_the_tests_is_left() -> Iterator[None]:
    """Fail if a background process is running when all tests of this worker are over.

    Those that were stopped are reaped. Otherwise Python would warn, after the tests, that they are still running.
    """
    yield
    assert processes.reap_all() == []


@pytest.fixture(autouse=True)
def no_metrics_of_other_tests() -> Iterator[None]:
    """Forget the metrics that a test has not written out: all objects of this class share them."""
    yield
    Metrics(namespace="tests").clear_metrics()


@pytest.fixture(scope="session", autouse=True)
def workspaces_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the workspaces of the checkout, whose data is the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATE_VARIABLE, str(tmp_path_factory.mktemp("workspaces")))
        patch.delenv(WORKSPACE_VARIABLE, raising=False)
        yield
