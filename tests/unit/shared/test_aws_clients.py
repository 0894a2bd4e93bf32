"""Every AWS client of the functions gives up in time, so that the function itself reports which service is silent."""

import importlib.util
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from shared.aws_clients import CLIENT_CONFIG, CONNECT_SECONDS, MOST_TRIES, READ_SECONDS, sending_at_once

ENVIRONMENT = dict.fromkeys(
    ("STAGING_BUCKET", "NEXT_QUEUE_URL", "WAREHOUSE_HOST", "WAREHOUSE_DATABASE", "WAREHOUSE_SECRET_ARN"), "x"
) | {
    "WAREHOUSE_PORT": "5439",
    "OLDEST_SALE_DAYS": "60",
    "COPY_ROLE_ARN": "x",
    "MOST_REMOVED_PERCENT": "33",
    "ENVIRONMENT": "local",
    "MORNING_TOPIC_ARN": "",
    "POWERTOOLS_METRICS_NAMESPACE": "Cafe",
}


@pytest.mark.parametrize(
    ("stage", "services"),
    [("extract", ["s3", "sqs"]), ("transform", ["s3", "sqs"]), ("load", ["s3", "secretsmanager"])],
)
def test_every_client_of_a_function_has_the_limits(
    monkeypatch: pytest.MonkeyPatch, stage: str, services: list[str]
) -> None:
    made: list[tuple[str, object]] = []

    def record(service: str, config: object = None) -> SimpleNamespace:
        made.append((service, config))
        return SimpleNamespace(meta=SimpleNamespace(events=SimpleNamespace(unregister=lambda *_: None)))

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "client", record)
    found = importlib.util.find_spec(f"{stage}.handler")
    assert found is not None
    assert found.loader is not None
    found.loader.exec_module(importlib.util.module_from_spec(found))

    assert made == [(service, CLIENT_CONFIG) for service in services]


def test_a_client_takes_the_limits_as_they_are_meant() -> None:
    client = boto3.client(
        "s3", region_name="eu-west-2", aws_access_key_id="a", aws_secret_access_key="b", config=CLIENT_CONFIG
    )

    config: Any = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, READ_SECONDS)
    assert config.retries == {"mode": "standard", "total_max_attempts": MOST_TRIES}


def test_an_object_is_sent_without_asking_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    headers: list[Any] = []

    class NothingSent(Exception):
        pass

    def note(request: Any, **_: Any) -> None:
        headers.append(request.headers)
        raise NothingSent

    for client in (sending_at_once(boto3.client("s3")), boto3.client("s3")):
        client.meta.events.register("before-send.s3", note)
        with pytest.raises(NothingSent):
            client.put_object(Bucket="staging", Key="rows", Body=b"x")

    assert ["Expect" in sent for sent in headers] == [False, True]
