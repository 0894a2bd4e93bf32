"""Another user of the machine, who can connect to the emulator's ports and can read none of its files."""

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.compat import get_current_datetime
from botocore.config import Config
from botocore.exceptions import ClientError

from cafe.local import emulator, keys, processes
from integration.local.conftest import Emulator
from integration.local.sockets import listening_sockets
from integration.local.test_emulator import deploy_function, invoke

TIMEOUT_SECONDS = 20
SIGNED = Config(retries={"total_max_attempts": 1})
# A call of each service that is of use to a stranger.
CALLS: dict[str, Callable[[Any], Any]] = {
    "s3": lambda s3: s3.list_buckets(),
    "sqs": lambda sqs: sqs.list_queues(),
    "secretsmanager": lambda secrets: secrets.list_secrets(),
    "lambda": lambda functions: functions.list_functions(),
    "sts": lambda sts: sts.get_caller_identity(),
    "cloudformation": lambda stacks: stacks.list_stacks(),
}
OWN_PATHS = [
    ("GET", "/_ministack/health"),
    ("POST", "/_ministack/reset"),
    ("POST", "/_ministack/config"),
    ("GET", "/_ministack/sqs/messages"),
    ("GET", "/_ministack/lambda-code/anything"),
    ("GET", "/_localstack/health"),
    ("POST", "/_ministack/rds/iam-auth"),
    ("POST", "/_ministack/eks-auth/anything"),
    ("GET", "/_aws/lambda-url/anything/"),
    ("POST", "/_cafe/minutes?pass=1"),
]
RUNTIME_API = "/2018-06-01/runtime"


@pytest.fixture
def identified(running_emulator: Emulator) -> Callable[..., Any]:
    """Make clients with any credentials."""

    def client(service: str, key: str | None, secret: str | None, token: str | None = None, **config: Any) -> Any:
        make_client: Any = boto3.client
        return make_client(
            service,
            endpoint_url=running_emulator.url,
            region_name=emulator.REGION,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=SIGNED.merge(Config(**config)),
        )

    return client


def refusal(service: str, client: Any) -> int:
    """Give the status with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        CALLS[service](client)
    return int(refused.value.response["ResponseMetadata"]["HTTPStatusCode"])


@pytest.mark.parametrize("service", CALLS)
def test_a_request_without_the_right_signature_is_refused(
    running_emulator: Emulator, identified: Callable[..., Any], service: str
) -> None:
    root = keys.read(running_emulator.layout)
    pairs = [
        ("test", "test"),
        ("test", root.secret_access_key),
        (root.access_key_id, "test"),
        (root.access_key_id, root.secret_access_key.swapcase()),
        (emulator.ACCOUNT_ID, "test"),
        (emulator.ACCOUNT_ID, root.secret_access_key),
        ("AKIA" + 16 * "A", 40 * "a"),
    ]

    CALLS[service](running_emulator.client(service))

    refused = [refusal(service, identified(service, *pair)) for pair in pairs]
    refused.append(refusal(service, identified(service, None, None, signature_version=UNSIGNED)))
    refused.append(refusal(service, identified(service, root.access_key_id, root.secret_access_key, "a token")))
    assert set(refused) <= {400, 401, 403}


@pytest.mark.parametrize("minutes", [-16, 16])
@pytest.mark.parametrize("service", CALLS)
def test_a_signature_of_another_time_is_refused(
    running_emulator: Emulator, monkeypatch: pytest.MonkeyPatch, service: str, minutes: int
) -> None:
    def another_time(remove_tzinfo: bool = True) -> Any:
        return get_current_datetime(remove_tzinfo) + timedelta(minutes=minutes)

    # botocore signs with its own code, or with AWS's C library if that is installed.
    for module in ("botocore.auth", "botocore.crt.auth"):
        monkeypatch.setattr(f"{module}.get_current_datetime", another_time)

    assert refusal(service, running_emulator.client(service)) in {400, 403}


@pytest.mark.parametrize("headers", [{}, {"x-amz-content-sha256": hashlib.sha256(b"signed").hexdigest()}])
def test_a_body_that_is_not_the_signed_one_is_refused(running_emulator: Emulator, headers: dict[str, str]) -> None:
    bucket = queue = f"tampering-{len(headers)}"
    s3, sqs = running_emulator.client("s3"), running_emulator.client("sqs")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": emulator.REGION})
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]

    def tamper(request: Any, **_named: Any) -> None:
        request.body = request.body.replace(b"signed", b"forged") if isinstance(request.body, bytes) else b"forged"
        for name, value in headers.items():
            request.headers[name] = value

    for client in (s3, sqs):
        client.meta.events.register_last("before-send", tamper)

    with pytest.raises(ClientError, match=r"SHA256|ignature"):
        s3.put_object(Bucket=bucket, Key="key", Body=b"signed")
    with pytest.raises(ClientError, match=r"SHA256|ignature"):
        sqs.send_message(QueueUrl=url, MessageBody="signed")

    assert running_emulator.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    attributes = running_emulator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_a_presigned_url_is_good_for_its_object_and_its_time_only(running_emulator: Emulator) -> None:
    bucket = "a-bucket-of-addresses"
    s3 = running_emulator.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": emulator.REGION})
    for key in ("mine", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    address = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "mine"}, ExpiresIn=600)
    short = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "mine"}, ExpiresIn=1)

    assert asked("GET", address) == (200, b"mine")

    time.sleep(2.1)
    wrong = [
        short,
        address.replace("/mine", "/other"),
        address.replace("X-Amz-Expires=600", "X-Amz-Expires=60000"),
        address.replace(keys.read(running_emulator.layout).access_key_id, "test"),
        f"{address[:-4]}0000",
        address.partition("&X-Amz-Signature")[0],
        address.partition("?")[0],
    ]
    assert {asked("GET", url)[0] for url in wrong} <= {400, 403}
    assert asked("PUT", address)[0] == 403
    assert asked("HEAD", address.partition("?")[0]) == (403, b"")


def test_a_session_needs_its_token_and_the_functions_keys_cannot_be_computed(
    running_emulator: Emulator, identified: Callable[..., Any]
) -> None:
    source = """
        import os

        def lambda_handler(event, context):
            return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        """
    name = deploy_function(running_emulator, "keys", source)
    variables = invoke(running_emulator, name)
    own = [variables[f"AWS_{part}"] for part in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")]
    facts = running_emulator.client("lambda").get_function(FunctionName=name)["Configuration"]
    # As ministack computes them, from what the template and the emulator's source code tell.
    digest = hashlib.sha256(f"{facts['FunctionArn']}:{facts['Role']}".encode()).hexdigest()
    computed = [f"ASIA{digest[:16].upper()}", *(sha256(f"{part}:{digest}") for part in ("secret", "token"))]

    assert identified("sts", *own).get_caller_identity()["Arn"].endswith(f"/{name}")

    for wrong in (computed, own[:2], [*own[:2], "another"], [own[0], "another", own[2]]):
        assert refusal("sts", identified("sts", *wrong)) in {400, 403}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(("method", "path"), OWN_PATHS, ids=[path for _, path in OWN_PATHS])
def test_the_emulators_own_paths_need_the_token(running_emulator: Emulator, method: str, path: str) -> None:
    root = keys.read(running_emulator.layout)
    signature = f"AWS4-HMAC-SHA256 Credential={root.access_key_id}/20260101/eu-west-2/s3/aws4_request"
    wrong = [None, "", "Bearer ", "Bearer wrong", signature]

    answers = {asked(method, running_emulator.url + path, authorization) for authorization in wrong}

    assert {status for status, _ in answers} == {403}


def test_the_token_opens_the_emulators_own_paths(running_emulator: Emulator) -> None:
    token = keys.read_token(running_emulator.layout)

    status, body = asked("GET", f"{running_emulator.url}/_ministack/health", f"Bearer {token}")

    assert (status, json.loads(body)["auth"]) == (200, "enabled")


@pytest.mark.parametrize(
    ("method", "path"),
    [("OPTIONS", "/"), ("GET", "/health"), ("GET", "/oauth2/authorize"), ("GET", "/logout"), ("GET", "/iceberg/v1")],
)
def test_nothing_is_served_before_a_signature_is_verified(running_emulator: Emulator, method: str, path: str) -> None:
    token = keys.read_token(running_emulator.layout)

    answers = [asked(method, running_emulator.url + path, header) for header in (None, f"Bearer {token}")]

    assert {status for status, _ in answers} == {403}


def test_a_web_socket_is_refused(running_emulator: Emulator) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "bm90aGluZyBpbiBoZXJl",
    }
    connection = http.client.HTTPConnection(running_emulator.url.removeprefix("http://"), timeout=TIMEOUT_SECONDS)

    connection.request("GET", "/_aws/execute-api/a/b", headers=upgrade)

    assert connection.getresponse().status == 403
    connection.close()


def test_nobody_else_can_take_or_answer_a_functions_event(running_emulator: Emulator) -> None:
    source = """
        import os

        def lambda_handler(event, context):
            return os.environ["AWS_LAMBDA_RUNTIME_API"]
        """
    name = deploy_function(running_emulator, "runtime-api", source)
    api = invoke(running_emulator, name)
    address, _, token = api.partition("/")
    requests = [
        ("GET", f"{RUNTIME_API}/invocation/next"),
        ("POST", f"{RUNTIME_API}/invocation/any/response"),
        ("POST", f"{RUNTIME_API}/invocation/any/error"),
        ("POST", f"{RUNTIME_API}/init/error"),
    ]

    answers = [
        asked(method, f"http://{address}{prefix}{path}")[0]
        for prefix in ("", "/", f"/{token[:-1]}", f"/{token}x", f"/x/{token}")
        for method, path in requests
    ]

    assert set(answers) == {403}
    assert asked("POST", f"http://{api}{RUNTIME_API}/invocation/any/response")[0] == 400, "the token opens the port"
    assert invoke(running_emulator, name) == api, "the function still works"


def test_every_port_of_the_emulator_is_on_loopback_and_refuses_a_stranger(running_emulator: Emulator) -> None:
    name = deploy_function(running_emulator, "ports", "def lambda_handler(event, context):\n    return 1\n")
    assert invoke(running_emulator, name) == 1
    [process] = [found for found in processes.recorded(running_emulator.layout.run) if found.name == emulator.NAME]

    sockets = listening_sockets(process.pid)

    assert {address for address, _ in sockets} == {"127.0.0.1"}
    assert len(sockets) > 1, "the emulator's own, and the Runtime API of each function that runs"
    assert {asked("GET", f"http://127.0.0.1:{port}{RUNTIME_API}/invocation/next")[0] for _, port in sockets} == {403}


def asked(method: str, url: str, authorization: str | None = None) -> tuple[int, bytes]:
    """Send a request as anybody can; give the status and the body."""
    headers = {} if authorization is None else {"Authorization": authorization}
    data = b"{}" if method in {"POST", "PUT"} else None
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
