"""The clock of the unit tests."""

from datetime import UTC, datetime

# An evening on which files arrive, before the next noon ends its night.
NOW = datetime(2026, 11, 26, 22, 30, tzinfo=UTC)
