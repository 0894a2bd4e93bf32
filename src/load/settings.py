"""Load's settings, read once from environment variables at cold start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the warehouse is, which secret opens it, where the files to copy are, and when a correction is held.

    ``morning_topic_arn`` is "" if nobody gets the morning mail.
    """

    staging_bucket: str
    warehouse_host: str
    warehouse_port: int
    warehouse_database: str
    warehouse_secret_arn: str
    copy_role_arn: str
    most_removed_percent: float
    environment: str
    morning_topic_arn: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the function's variables. Raises KeyError, naming the one that is missing."""
        return cls(
            staging_bucket=environment["STAGING_BUCKET"],
            warehouse_host=environment["WAREHOUSE_HOST"],
            warehouse_port=int(environment["WAREHOUSE_PORT"]),
            warehouse_database=environment["WAREHOUSE_DATABASE"],
            warehouse_secret_arn=environment["WAREHOUSE_SECRET_ARN"],
            copy_role_arn=environment["COPY_ROLE_ARN"],
            most_removed_percent=float(environment["MOST_REMOVED_PERCENT"]),
            environment=environment["ENVIRONMENT"],
            morning_topic_arn=environment["MORNING_TOPIC_ARN"],
        )
