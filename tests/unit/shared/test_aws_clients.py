"""Every AWS client of the functions gives up in time, so that the function itself reports which service is silent."""

import importlib.util
from io import BytesIO
from itertools import product
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import boto3
import pytest

from shared.aws_clients import CLIENT_CONFIG, CONNECT_SECONDS, MOST_TRIES, READ_SECONDS, sending_small_objects_at_once

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
        return SimpleNamespace(meta=SimpleNamespace(events=MagicMock()))

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


def test_only_a_large_object_waits_for_an_answer_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    headers: list[Any] = []

    class NothingSent(Exception):
        pass

    def note(request: Any, **_: Any) -> None:
        headers.append(request.headers)
        raise NothingSent

    for client, size in product(
        (sending_small_objects_at_once(boto3.client("s3")), boto3.client("s3")), (1, 1_000_001)
    ):
        client.meta.events.register("before-send.s3", note)
        for body in (b"x" * size, BytesIO(b"x" * size)):
            with pytest.raises(NothingSent):
                client.put_object(Bucket="staging", Key="rows", Body=body)

    assert ["Expect" in sent for sent in headers] == [False, False, True, True, *[True] * 4]
