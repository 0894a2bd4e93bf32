"""What more than one folder of tests shares."""

import signal

from hypothesis import settings

pytest_plugins = ("fixtures.warehouse", "fixtures.trading")

# A busy machine makes no property false.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A shell starts what it runs in the background deaf to Ctrl-C, and children inherit that: commands that the tests
# interrupt would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)
