"""The door to the warehouse's secret: a user and a password that no printed form shows."""

import json

import pytest
from botocore.stub import Stubber

from integration.adapters.conftest import Aws
from load.credentials import Credentials, read_credentials
from shared.aws_errors import ServiceUnavailable

PASSWORD = "made-up-for-tests"


def test_the_secret_is_read_as_user_and_password(aws: Aws) -> None:
    secrets = aws.client("secretsmanager")
    secret = json.dumps({"username": "cafe_admin", "password": PASSWORD})
    arn = secrets.create_secret(Name="warehouse", SecretString=secret)["ARN"]

    credentials = read_credentials(secrets, arn)

    assert credentials == Credentials("cafe_admin", PASSWORD)
    assert PASSWORD not in f"{credentials} {credentials!r}"


@pytest.mark.parametrize(
    ("code", "status"),
    [("InternalServiceError", 500), ("ThrottlingException", 400), ("AccessDeniedException", 400),
     ("ResourceNotFoundException", 400)],
)  # fmt: skip
def test_F43_a_secret_that_cannot_be_had_is_worth_another_try(aws: Aws, code: str, status: int) -> None:
    secrets = aws.client("secretsmanager")
    stubber = Stubber(secrets)
    stubber.add_client_error("get_secret_value", code, f"no, {PASSWORD}", status)

    with stubber, pytest.raises(ServiceUnavailable) as caught:
        read_credentials(secrets, "arn:aws:secretsmanager:eu-west-2:123456789012:secret:warehouse")

    assert caught.value.code == code
    assert PASSWORD not in str(caught.value)
