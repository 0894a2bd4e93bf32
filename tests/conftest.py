"""Fixtures that more than one folder of tests shares."""

pytest_plugins = ("fixtures.warehouse",)
