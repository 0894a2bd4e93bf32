"""Load's user and password for the warehouse, from Secrets Manager."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.aws_errors import calling_aws

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


# For this long a warm function does not notice that Secrets Manager is down.
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password. The password is in no printed form."""

    username: str
    password: str = field(repr=False)


class WarehouseSecret:
    """The warehouse's secret, read when it is needed and kept for KEPT_SECONDS."""

    def __init__(
        self, secrets: "SecretsManagerClient", secret_arn: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._secrets = secrets
        self._secret_arn = secret_arn
        self._clock = clock
        self._credentials: Credentials | None = None
        self._read_at = 0.0

    def read(self) -> Credentials:
        """Return the credentials, at most KEPT_SECONDS old. Raises TransientError."""
        if self._credentials is None or self._clock() - self._read_at > KEPT_SECONDS:
            self._credentials, self._read_at = self._from_service(), self._clock()
        return self._credentials

    def forget(self) -> None:
        """Forget the kept credentials, so that the next read calls the service."""
        self._credentials = None

    def _from_service(self) -> Credentials:
        with calling_aws("reading the warehouse's secret"):
            secret = json.loads(self._secrets.get_secret_value(SecretId=self._secret_arn)["SecretString"])
        return Credentials(secret["username"], secret["password"])


def log_in[T](secret: WarehouseSecret, connect: Callable[[Credentials], T], refusal: type[Exception]) -> T:
    """Connect. If the password is refused, it was rotated after it was read: read it once more and try again."""
    try:
        return connect(secret.read())
    except refusal:
        secret.forget()
        return connect(secret.read())
