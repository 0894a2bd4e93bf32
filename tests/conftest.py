"""What more than one folder of tests shares."""

from hypothesis import settings

pytest_plugins = ("fixtures.warehouse",)

# A busy machine makes no property false.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
