"""Transform's settings from environment variables, read once at cold start."""

import os
from collections.abc import Mapping
from typing import NamedTuple


class Settings(NamedTuple):
    """Where tables and messages go."""

    staging_bucket: str
    next_queue_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the function's variables. Raises KeyError with the name of a missing one."""
        return cls(environment["STAGING_BUCKET"], environment["NEXT_QUEUE_URL"])
