"""Load is invoked once, by a client that waits longer than load may run."""

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from cafe.deployed.environment import Environment
from cafe.deployed.load_function import invoke_load
from cafe.errors import CafeError
from template.stack import Stack, read_source
from unit.cli.builders import REGION


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setattr(Environment, "fact", lambda _environment, name: f"the-{name.replace('/', '-')}")
    return Environment("dev", "dev", boto3.Session("testing", "testing", region_name=REGION))


@pytest.mark.parametrize("failure", [ReadTimeoutError, ConnectionClosedError])
def test_a_load_that_does_not_answer_is_not_invoked_again(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, failure: type[HTTPClientError]
) -> None:
    invoked: list[str] = []

    def lose(_session: URLLib3Session, request: AWSPreparedRequest) -> None:
        invoked.append(request.url)
        raise failure(endpoint_url=request.url)

    monkeypatch.setattr(URLLib3Session, "send", lose)

    with pytest.raises(CafeError, match=r"it may still migrate\. Before you try again, see .* the-load-logs-group"):
        invoke_load(environment, "migrate")

    assert len(invoked) == 1


def test_the_client_waits_longer_than_any_function_may_run(environment: Environment) -> None:
    functions = Stack(read_source()).of_type("AWS::Lambda::Function")

    config: Any = environment.client("lambda").meta.config

    assert config.read_timeout > max(int(function.properties["Timeout"]) for function in functions)
