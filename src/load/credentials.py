"""Who load is in the warehouse, from Secrets Manager."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password; the password is kept out of any printed form."""

    username: str
    password: str = field(repr=False)


def read_credentials(secrets: "SecretsManagerClient", secret_arn: str) -> Credentials:
    """Read the warehouse's secret. Raises TransientError."""
    try:
        secret = json.loads(secrets.get_secret_value(SecretId=secret_arn)["SecretString"])
    except (BotoCoreError, ClientError) as error:
        raise translated(error, "reading the warehouse's secret") from error
    return Credentials(secret["username"], secret["password"])
