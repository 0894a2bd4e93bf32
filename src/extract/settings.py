"""Extract's settings from environment variables, read once at cold start."""

import os
from collections.abc import Mapping
from typing import NamedTuple


class Settings(NamedTuple):
    """Where canonical rows and messages go, and how old a sale may be in the file of a café."""

    staging_bucket: str
    next_queue_url: str
    oldest_sale_days: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the function's variables. Raises KeyError with the name of a missing one."""
        return cls(environment["STAGING_BUCKET"], environment["NEXT_QUEUE_URL"], int(environment["OLDEST_SALE_DAYS"]))
