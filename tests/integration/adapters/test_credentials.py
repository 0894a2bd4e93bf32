"""Reading the warehouse's secret: a user, and a password that is never printed."""

import json

import pytest
from botocore.stub import Stubber

from integration.adapters.conftest import Aws
from load.credentials import KEPT_SECONDS, Credentials, WarehouseSecret, log_in
from shared.aws_errors import ServiceUnavailable

PASSWORD = "made-up-for-tests"


def test_the_secret_is_read_as_user_and_password(aws: Aws) -> None:
    secrets = aws.client("secretsmanager")
    secret = json.dumps({"username": "cafe_admin", "password": PASSWORD})
    arn = secrets.create_secret(Name="warehouse", SecretString=secret)["ARN"]

    credentials = WarehouseSecret(secrets, arn).read()

    assert credentials == Credentials("cafe_admin", PASSWORD)
    assert PASSWORD not in f"{credentials} {credentials!r}"


@pytest.mark.parametrize(
    ("code", "status"),
    [("InternalServiceError", 500), ("ThrottlingException", 400), ("AccessDeniedException", 400),
     ("ResourceNotFoundException", 400)],
)  # fmt: skip
def test_F43_a_secret_that_cannot_be_read_is_tried_again(aws: Aws, code: str, status: int) -> None:
    secrets = aws.client("secretsmanager")
    stubber = Stubber(secrets)
    stubber.add_client_error("get_secret_value", code, f"no, {PASSWORD}", status)

    with stubber, pytest.raises(ServiceUnavailable) as caught:
        WarehouseSecret(secrets, "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse").read()

    assert caught.value.code == code
    assert PASSWORD not in str(caught.value)


# --- a secret that changes, or that cannot be read for a while


class PasswordRefused(Exception):
    """The warehouse refuses the password."""


class Kept:
    """A secret in Secrets Manager, and a clock that only the test moves."""

    def __init__(self, aws: Aws) -> None:
        self.secrets = aws.client("secretsmanager")
        self.arn = self.secrets.create_secret(Name="warehouse", SecretString=secret_of("first"))["ARN"]
        self.seconds = 0.0
        self.secret = WarehouseSecret(self.secrets, self.arn, clock=lambda: self.seconds)

    def change(self, password: str) -> None:
        self.secrets.put_secret_value(SecretId=self.arn, SecretString=secret_of(password))

    def log_in(self, password: str) -> str:
        """Log in to a warehouse that accepts one password; return the password that it accepted."""

        def connect(credentials: Credentials) -> str:
            if credentials.password != password:
                raise PasswordRefused
            return credentials.password

        return log_in(self.secret, connect, PasswordRefused)


def secret_of(password: str) -> str:
    return json.dumps({"username": "cafe_admin", "password": password})


@pytest.fixture
def kept(aws: Aws) -> Kept:
    return Kept(aws)


def test_F44_a_password_that_was_changed_under_a_warm_function_is_read_once_more(kept: Kept) -> None:
    kept.log_in("first")
    kept.change("second")

    assert kept.log_in("second") == "second"


def test_F44_a_password_that_is_still_refused_is_not_read_again_and_again(kept: Kept) -> None:
    kept.log_in("first")

    with pytest.raises(PasswordRefused):
        kept.log_in("another")


def test_F43_a_secret_that_was_read_is_used_while_secrets_manager_is_down(kept: Kept) -> None:
    kept.log_in("first")
    with Stubber(kept.secrets) as away:
        away.add_client_error("get_secret_value", "InternalServiceError")
        kept.seconds = KEPT_SECONDS

        assert kept.log_in("first") == "first"


def test_F43_a_secret_is_kept_for_some_minutes_and_no_longer(kept: Kept) -> None:
    kept.secret.read()
    kept.change("second")
    kept.seconds = KEPT_SECONDS + 1

    assert kept.secret.read().password == "second"
