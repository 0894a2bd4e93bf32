"""What more than one folder of tests shares."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from cafe.local.layout import STATE_VARIABLE, WORKSPACE_VARIABLE

pytest_plugins = ("fixtures.warehouse", "fixtures.trading")

# A busy machine makes no property false.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A shell starts what it runs in the background deaf to Ctrl-C, and children inherit that: commands that the tests
# interrupt would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def workspaces_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the workspaces of the checkout, whose data is the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATE_VARIABLE, str(tmp_path_factory.mktemp("workspaces")))
        patch.delenv(WORKSPACE_VARIABLE, raising=False)
        yield
