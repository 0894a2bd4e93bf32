"""The deployed pipeline as the end-to-end tests see it: what goes in, what comes out, and what is in between."""

import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import boto3
import pytest

import emulated_time
from cafe.deployed.environment import LOCAL, STAGES, Environment, open_environment
from cafe.deployed.load_function import invoke_load
from cafe.local import deployment, stack
from cafe.local.layout import STATE_VARIABLE, Layout
from cafe.local.state import Stack
from cafe.warehouse.driver import DriverWarehouse
from cafe.warehouse.ledger import FileVersion, Ledger, LedgerEntry, wait_for_outcomes
from shared.contracts import recorded_key
from shared.senders import HEAD_OFFICE_PREFIX, document_of

TIMEOUT_SECONDS = 180.0
POLL_SECONDS = 0.05
# How long a wait lasts before it lets a minute pass, and then again. What does not fail has happened by then.
RETRY_SECONDS = 1.0
IN_FLIGHT = "ApproximateNumberOfMessagesNotVisible"
QUEUE_COUNTS = ("ApproximateNumberOfMessages", IN_FLIGHT)


def wait_until[T](value: Callable[[], T], what: str, timeout_seconds: float = TIMEOUT_SECONDS) -> T:
    """Call until the answer is true, and return it. Fail if that takes too long."""
    deadline = time.monotonic() + timeout_seconds
    while not (answer := value()):
        assert time.monotonic() < deadline, f"did not happen in {timeout_seconds:g} s: {what}"
        time.sleep(POLL_SECONDS)
    return answer


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of the whole warehouse. They must not change when files are delivered again."""

    orders: int
    item_rows: int
    items_sold: int
    pence: int
    branches: int
    products: int


@dataclass(frozen=True)
class Pipeline:
    """A running local stack, and the parameters that it was deployed with.

    Its waits let minutes pass, so that what failed is tried again. Where alarms are tested, only the test may do that.
    """

    layout: Layout
    stack: Stack
    environment: Environment
    parameters: Mapping[str, str]
    waits_let_minutes_pass: bool = True

    def client(self, service: str) -> Any:
        """Return a client of the account's root user, whom IAM does not restrict."""
        return self.environment.client(service)

    def fact(self, name: str) -> str:
        """Look up a fact that the stack publishes."""
        return self.environment.fact(name)

    def close(self) -> None:
        """Close all connections."""
        for client in self.environment._clients.values():
            client.close()
        self.disconnect()

    # --- files in

    def put(self, name: str, body: bytes) -> FileVersion:
        """Put one file of any name into the drop bucket, below head office's prefix."""
        return self.put_exactly(f"{HEAD_OFFICE_PREFIX}{name}", body)

    def put_exactly(self, key: str, body: bytes) -> FileVersion:
        """Put one file into the drop bucket, under exactly that key, as somebody who may put every key.

        Returns the version as the ledger names it.
        """
        answer = self.client("s3").put_object(Bucket=self.fact("drop/bucket/name"), Key=key, Body=body)
        return FileVersion(recorded_key(key), answer["VersionId"])

    def drop(self, files: Mapping[str, bytes]) -> dict[str, LedgerEntry]:
        """Put files of any name below head office's prefix, and wait for the outcome of each, by name."""
        return self.outcomes_of([self.put(key, body) for key, body in files.items()])

    # --- the warehouse

    @cached_property
    def warehouse(self) -> DriverWarehouse:
        """The warehouse, as its administrator sees it."""
        warehouse = self.environment.warehouse()
        assert isinstance(warehouse, DriverWarehouse)
        return warehouse

    def disconnect(self) -> None:
        """Close the connection to the warehouse. `connect` or the next query opens another."""
        if self.warehouse._connection is not None:
            self.warehouse._connection.close()
            self.warehouse._connection = None

    def connect(self) -> None:
        """Open the connection to the warehouse."""
        self.rows("select 1 as one")

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Query the warehouse."""
        return self.warehouse.query(sql).as_dicts()

    def recorded(self, versions: list[FileVersion]) -> dict[FileVersion, LedgerEntry]:
        """Return the outcomes that the ledger has now."""
        return Ledger(self.warehouse).outcomes(versions)

    def versions_of(self, versions: list[FileVersion]) -> dict[FileVersion, LedgerEntry]:
        """Wait until each file version has its outcome. What failed is tried again meanwhile."""
        retry = self.retries()
        found = wait_for_outcomes(
            Ledger(self.warehouse), versions, timeout_seconds=TIMEOUT_SECONDS, on_progress=lambda _: retry()
        )
        missing = [version.key for version in versions if version not in found]
        assert not missing, f"no outcome in {TIMEOUT_SECONDS:g} s: {missing}"
        return found

    def outcomes_of(self, versions: list[FileVersion]) -> dict[str, LedgerEntry]:
        """Wait for the outcomes of files that have one version each, by key without head office's prefix."""
        return {document_of(version.key): outcome for version, outcome in self.versions_of(versions).items()}

    def totals(self) -> Totals:
        """Count everything in the warehouse."""
        (row,) = self.rows(
            """
            select
                (select count(*) from core.orders) as orders,
                (select count(*) from core.order_items) as item_rows,
                (select sum(quantity) from core.order_items) as items_sold,
                (select cast(sum(total_amount) * 100 as bigint) from core.orders) as pence,
                (select count(*) from core.branches) as branches,
                (select count(*) from core.products) as products
            """
        )
        return Totals(**row)

    def faults(self) -> dict[str, int]:
        """Have load check the warehouse. Return the checks that found wrong rows."""
        checks: dict[str, int] = invoke_load(self.environment, "check")["faults"]
        assert len(checks) > 5, "the checks did not run"
        return {check: faults for check, faults in checks.items() if faults}

    # --- in between: staged objects

    def staged_keys(self) -> list[str]:
        """List the staging bucket."""
        pages = self.client("s3").get_paginator("list_objects_v2")
        bucket = self.fact("staging/bucket/name")
        return [entry["Key"] for page in pages.paginate(Bucket=bucket) for entry in page.get("Contents", [])]

    def staged_body(self, key: str) -> bytes:
        """Read a staged object."""
        answer = self.client("s3").get_object(Bucket=self.fact("staging/bucket/name"), Key=key)
        return bytes(answer["Body"].read())

    # --- in between: queues

    def messages(self, queue: str, names: Sequence[str] = QUEUE_COUNTS) -> int:
        """Count a queue's messages, including those in flight. ``queue`` is load/queue, load/deadletters, …"""
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.fact(f"{queue}/url"), AttributeNames=list(names))
        return sum(int(answer["Attributes"][name]) for name in names)

    def backlog(self) -> dict[str, int]:
        """Return the queues that are not empty, including dead-letter queues."""
        counts = {f"{s}/{kind}": self.messages(f"{s}/{kind}") for s in STAGES for kind in ("queue", "deadletters")}
        return {queue: count for queue, count in counts.items() if count}

    def wait_until_idle(self) -> None:
        """Wait until all queues are empty."""
        try:
            self.retry_until(lambda: not self.backlog(), "all queues empty")
        except AssertionError as error:
            raise AssertionError(f"messages are left: {self.backlog()}") from error

    def send(self, stage: str, body: str) -> str:
        """Put a message into a stage's queue, and return its id."""
        answer = self.client("sqs").send_message(QueueUrl=self.fact(f"{stage}/queue/url"), MessageBody=body)
        return str(answer["MessageId"])

    def peek(self, queue: str) -> list[str]:
        """Read the bodies of a queue's messages and leave them there. This counts as a delivery."""
        url, sqs = self.fact(f"{queue}/url"), self.client("sqs")
        received: list[Any] = []
        while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages"):
            received += batch
        for message in received:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        return [message["Body"] for message in received]

    def take_dead_letters(self, stage: str) -> list[str]:
        """Take all messages out of a stage's dead-letter queue."""
        return self.take(f"{stage}/deadletters")

    def take(self, queue: str) -> list[str]:
        """Take all messages out of a queue. ``queue`` is load/queue, load/deadletters, …"""
        url, sqs = self.fact(f"{queue}/url"), self.client("sqs")
        bodies = []
        while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                bodies.append(message["Body"])
        return bodies

    @contextmanager
    def paused(self, stage: str) -> Iterator[None]:
        """Turn off a stage's event source until the context ends, so that messages wait before it."""
        aws_lambda = self.client("lambda")
        name = self.fact(f"{stage}/function/name")
        (mapping,) = aws_lambda.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        aws_lambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            aws_lambda.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    def wait_for_messages(self, stage: str, count: int) -> None:
        """Wait until ``count`` messages are waiting before a paused stage."""
        wait_until(lambda: self.messages(f"{stage}/queue") >= count, f"{count} messages before {stage}")

    def subscribe(self, topic: str, queue: str, **attributes: str) -> str:
        """Create a queue that gets what is published to a topic of the template; return its URL."""
        sqs = self.client("sqs")
        url: str = sqs.create_queue(QueueName=queue)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        admit = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Version": "2012-10-17", "Statement": [{**admit, "Resource": arn}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        self.client("sns").subscribe(
            TopicArn=self.physical_id(topic), Protocol="sqs", Endpoint=arn, Attributes=attributes
        )
        return url

    # --- time

    def let_minutes_pass(self, minutes: int) -> None:
        """Let time pass for alarms and for messages, except those that a function is working on."""
        emulated_time.let_minutes_pass(self.stack.endpoint_url, self.layout, minutes)

    def retries(self) -> Callable[[], None]:
        """Return what a wait calls each time it looks: messages that failed are then delivered again.

        No message is hidden for longer than a minute after it failed, so a minute must pass.
        """
        due = time.monotonic() + RETRY_SECONDS

        def retry() -> None:
            nonlocal due
            if self.waits_let_minutes_pass and time.monotonic() >= due:
                self.let_minutes_pass(1)
                due = time.monotonic() + RETRY_SECONDS

        return retry

    def retry_until[T](self, value: Callable[[], T], what: str) -> T:
        """Wait until the answer is true, and return it. What failed is tried again meanwhile."""
        retry = self.retries()

        def look() -> T:
            retry()
            return value()

        return wait_until(look, what)

    # --- logs

    def log_lines(self, stage: str, containing: str = "") -> list[str]:
        """Return the lines of a stage's log group: all of them, or those that contain a text."""
        pattern = {"filterPattern": f'"{containing}"'} if containing else {}
        pages = self.client("logs").get_paginator("filter_log_events")
        return [
            event["message"].rstrip()
            for page in pages.paginate(logGroupName=self.fact(f"{stage}/logs/group"), **pattern)
            for event in page["events"]
        ]

    def events(self, stage: str, name: str, containing: str = "") -> list[dict[str, Any]]:
        """Return a stage's log events of one name, such as file.completed."""
        lines = self.log_lines(stage, containing)
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if entry.get("message") == name]

    # --- permissions

    def physical_id(self, logical_id: str) -> str:
        """Return the physical id of a resource of the template, such as a role's name or a topic's ARN."""
        answer = self.client("cloudformation").describe_stack_resource(
            StackName=self.stack.stack_name, LogicalResourceId=logical_id
        )
        return str(answer["StackResourceDetail"]["PhysicalResourceId"])

    def role_arn(self, logical_id: str) -> str:
        """Return the ARN of a role of the template."""
        return str(self.client("iam").get_role(RoleName=self.physical_id(logical_id))["Role"]["Arn"])

    def client_as(self, logical_id: str, service: str) -> Any:
        """Return a client with the permissions of a role of the template."""
        assumed = self.client("sts").assume_role(RoleArn=self.role_arn(logical_id), RoleSessionName="e2e")
        credentials = assumed["Credentials"]
        make_client: Any = boto3.client
        return make_client(
            service,
            endpoint_url=self.stack.endpoint_url,
            region_name=self.stack.region,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    @contextmanager
    def without_permission(self, logical_id: str, policy: str, sid: str) -> Iterator[None]:
        """Remove one statement from a role's policy until the context ends."""
        iam, role = self.client("iam"), self.physical_id(logical_id)
        whole = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        rest = [statement for statement in whole["Statement"] if statement["Sid"] != sid]
        assert len(rest) == len(whole["Statement"]) - 1, f"{logical_id} has no statement {sid}"
        reduced = json.dumps(whole | {"Statement": rest})
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=reduced)
        try:
            yield
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(whole))


@contextmanager
def alone_in(layout: Layout) -> Iterator[None]:
    """Keep the workers of pytest from building the checkout while this test deploys or copies what is built."""
    with deployment.alone_in(layout, lambda _step: nullcontext()):
        yield


@contextmanager
def deployed(
    layout: Layout, parameters: Mapping[str, str], *, waits_let_minutes_pass: bool = True
) -> Iterator[Pipeline]:
    """Start a stack in a folder of its own, and stop it whatever happens."""
    # pytest tears its fixtures down on Ctrl-C. Treat SIGTERM the same; otherwise it would leave the stack running.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(STATE_VARIABLE, str(layout.home))
            running = stack.up(lambda _step: nullcontext(), parameters, layout)
            pipeline = Pipeline(layout, running, open_environment(LOCAL), parameters, waits_let_minutes_pass)
            pipeline.connect()
            try:
                yield pipeline
            finally:
                pipeline.close()
    finally:
        stack.down(layout)
        signal.signal(signal.SIGTERM, before)


def pence(amount: Decimal) -> int:
    """Convert the warehouse's pounds to pence."""
    return int(amount * 100)
