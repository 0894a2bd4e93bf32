"""The grants of the deployed template, those that nothing here can use, and a scenario that uses all the others.

A grant is one action on one resource of one statement.
"""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from cafe.local import keys
from cafe.warehouse.ledger import FileVersion
from e2e.branch_files import large_file, small_file
from e2e.calls import BRANCH_KEY, CHECK, HOST, SNAPSHOT
from e2e.pipeline import Pipeline, wait_until
from e2e.principals import BRANCH, BRANCH_TAG, HEAD_OFFICE, ROOT, USERS, Principals
from ordeal.workers import workers_of

TIMEOUT_SECONDS = 60
FEED_A = f"2026/11/20/2026-11-20-{BRANCH_TAG}"
# One key of every form in which branches name their files.
BRANCH_KEYS = (BRANCH_KEY, f"{FEED_A}.csv", f"{FEED_A}(1).csv", f"{FEED_A} copy.csv", f"{FEED_A}_till-2.csv")
BOARD = "matrix/board.json"
DAYS = 9000
NOTHING = {"Sid": "Nothing", "Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::nothing/*"}
METRIC = {
    "Id": "m",
    "MetricStat": {"Metric": {"Namespace": "AWS/SQS", "MetricName": "Any"}, "Period": 60, "Stat": "Sum"},
}
CHECKS, SNAPSHOTS = "WarehouseCheckSchedule", "WarehouseSnapshotSchedule"
SCHEDULED = (
    (CHECK, CHECKS, "lambda:InvokeFunction"),
    (CHECK, CHECKS, "sqs:SendMessage"),
    (SNAPSHOT, SNAPSHOTS, "sqs:SendMessage"),
)


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource. ``owner`` is the logical id of the role or of the managed policy."""

    owner: str
    sid: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.sid}: {self.action} on {self.resource}"


@dataclass(frozen=True)
class Record:
    """What the emulator has recorded (patched_ministack/grants.py), by the names of the account."""

    used: frozenset[tuple[str, str, str, str]]
    refused: frozenset[tuple[str, str]]


def record(pipeline: Pipeline, method: str = "GET") -> Record:
    """Read the emulator's record. With DELETE, begin a new one."""
    request = urllib.request.Request(  # noqa: S310
        f"{pipeline.stack.endpoint_url}/_cafe/grants",
        headers={"Authorization": f"Bearer {keys.read_token(pipeline.layout)}"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        content = json.load(answer)
    return Record(frozenset(map(tuple, content["used"])), frozenset(map(tuple, content["refused"])))


class DeployedGrants:
    """The policies as they are deployed."""

    def __init__(self, principals: Principals) -> None:
        self._pipeline = principals.pipeline
        self._iam = self._pipeline.client("iam")
        found = self._resources()
        self.roles = {logical: physical for logical, (kind, physical) in found.items() if kind == "AWS::IAM::Role"}
        # A managed policy is used by whom it is attached to. Here, that is a user of the test.
        self.managed = {policy: name for name, policy in USERS.values()}
        self.managed_arns = {
            logical: physical for logical, (kind, physical) in found.items() if kind == "AWS::IAM::ManagedPolicy"
        }

    def _resources(self) -> dict[str, tuple[str, str]]:
        pages = self._pipeline.client("cloudformation").get_paginator("list_stack_resources")
        return {
            entry["LogicalResourceId"]: (entry["ResourceType"], entry["PhysicalResourceId"])
            for page in pages.paginate(StackName=self._pipeline.stack.stack_name)
            for entry in page["StackResourceSummaries"]
        }

    def all(self) -> set[Grant]:
        """Read every grant of every role and managed policy."""
        return {
            Grant(owner, statement["Sid"], action, resource)
            for owner, document in self._documents()
            for statement in document["Statement"]
            if statement["Effect"] == "Allow"
            for action in as_list(statement["Action"])
            for resource in as_list(statement["Resource"])
        }

    def used(self) -> set[Grant]:
        """Read the grants that the emulator has recorded as used.

        It records statements of key policies too, which are of the key and of nobody who uses it.
        """
        owners = {name: owner for owner, name in {**self.roles, **self.managed}.items()}
        return self.all() & {
            Grant(owners[principal], *rest) for principal, *rest in record(self._pipeline).used if principal in owners
        }

    @contextmanager
    def without(self, grant: Grant) -> Iterator[None]:
        """Remove one grant until the context ends."""
        whole = self._document(grant.owner)
        # IAM takes no policy without a statement.
        self._put(grant.owner, {**whole, "Statement": list(_reduced(whole["Statement"], grant)) or [NOTHING]})
        try:
            yield
        finally:
            self._put(grant.owner, whole)

    def principal(self, grant: Grant) -> str:
        """Return the name of the one who has the grant."""
        return self.managed.get(grant.owner) or self.roles[grant.owner]

    def _put(self, owner: str, document: dict[str, Any]) -> None:
        text = json.dumps(document)
        if owner in self.roles:
            [name] = self._iam.list_role_policies(RoleName=self.roles[owner])["PolicyNames"]
            self._iam.put_role_policy(RoleName=self.roles[owner], PolicyName=name, PolicyDocument=text)
            return
        arn = self.managed_arns[owner]
        for version in self._iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                self._iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        self._iam.create_policy_version(PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)

    def _document(self, owner: str) -> dict[str, Any]:
        [document] = [found for name, found in self._documents() if name == owner]
        return document

    def _documents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for owner, role in self.roles.items():
            for name in self._iam.list_role_policies(RoleName=role)["PolicyNames"]:
                yield owner, self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for owner, arn in self.managed_arns.items():
            version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = self._iam.get_policy_version(PolicyArn=arn, VersionId=version)
            yield owner, found["PolicyVersion"]["Document"]


def _reduced(statements: list[dict[str, Any]], grant: Grant) -> Iterator[dict[str, Any]]:
    """Yield the statements with all that they grant, except for one action on one resource."""
    for statement in statements:
        actions, resources = as_list(statement["Action"]), as_list(statement["Resource"])
        if statement["Sid"] != grant.sid:
            yield statement
            continue
        for action in actions:
            rest = [item for item in resources if (action, item) != (grant.action, grant.resource)]
            if rest:
                yield {**statement, "Action": action, "Resource": rest}


def use_grants(principals: Principals) -> None:
    """Use every grant that the local stack can use, each as the one who has it."""
    versions = send_files(principals, "Matrix Town")
    outcomes = principals.pipeline.versions_of(versions)
    assert outcomes[versions[-1]].rows_loaded == 1, outcomes
    # Now there is a register of cafés to read.
    principals.pipeline.versions_of(send_files(principals, "Matrix Town"))
    work_at_head_office(principals)
    look_at_boards(principals)
    check_in_the_morning(principals.pipeline, new_morning())
    for action in SCHEDULED:
        run_schedule(principals.pipeline, *action)


def send_files(principals: Principals, cafe: str) -> list[FileVersion]:
    """Send files, so that the functions and the warehouse use their grants.

    A branch sends one under every form of name. The last file is head office's. It has an order that extract rejects,
    one that transform rejects, and one that is loaded.
    """
    pipeline = principals.pipeline
    # What a warm function has read once, it keeps: the register of cafés, and the password for five minutes.
    for worker in workers_of(pipeline.stack.endpoint_url):
        worker.kill()
    versions = [put_as(principals, BRANCH, key, small_file("Matrix Town").body) for key in BRANCH_KEYS]
    rejected, mismatch, good = small_file(cafe, first=60).body.splitlines(keepends=True)
    body = rejected.replace(b"CARD", b"CHEQUE") + mismatch.replace(b",4.9,", b",5.9,") + good
    # Its rows are too many for a message.
    versions.append(put_as(principals, HEAD_OFFICE, "head-office/2026/11/20/large.csv", large_file("Large").body))
    return [*versions, put_as(principals, HEAD_OFFICE, f"head-office/2026/11/20/{cafe}.csv", body)]


def put_as(principals: Principals, principal: str, key: str, body: bytes) -> FileVersion:
    """Put a file into the drop bucket as somebody."""
    bucket = principals.pipeline.fact("drop/bucket/name")
    answer = principals.client(principal, "s3").put_object(Bucket=bucket, Key=key, Body=body)
    return FileVersion(key, answer["VersionId"])


def work_at_head_office(principals: Principals) -> None:
    """Do what `cafe backfill` and `cafe drop --as` do besides sending: list, look up facts, become a branch."""
    pipeline = principals.pipeline
    bucket, role = pipeline.fact("drop/bucket/name"), pipeline.role_arn("BranchRole")
    principals.client(HEAD_OFFICE, "s3").list_object_versions(Bucket=bucket)
    for path in ("/cafe/dev", "/cafe/dev/drop"):
        principals.client(HEAD_OFFICE, "ssm").get_parameters_by_path(Path=path)
    principals.client(HEAD_OFFICE, "sts").assume_role(
        RoleArn=role, RoleSessionName="e2e", Tags=[{"Key": "branch", "Value": BRANCH_TAG}]
    )


def new_morning() -> date:
    """Return the day of a morning that has had no mail yet: each second has another."""
    return date(2000, 1, 1) + timedelta(days=int(time.time()) % DAYS)


def check_in_the_morning(pipeline: Pipeline, day: date) -> None:
    """Let load check the warehouse as the scheduler does on the morning of a day."""
    event = {"check": True, "scheduled_at": f"{day}T07:00:00Z"}
    answer = pipeline.client("lambda").invoke(
        FunctionName=pipeline.fact("load/function/name"), Payload=json.dumps(event).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def look_at_boards(principals: Principals) -> None:
    """Do what Grafana and its host do with the host's role, as far as the emulator has the services."""
    bucket, password = (principals.pipeline.fact(f"dashboards/{name}") for name in ("bucket/name", "secret/arn"))
    principals.client(ROOT, "s3").put_object(Bucket=bucket, Key=BOARD, Body=b"{}")
    principals.client(HOST, "s3").list_objects_v2(Bucket=bucket)
    principals.client(HOST, "s3").get_object(Bucket=bucket, Key=BOARD)
    principals.client(ROOT, "s3").delete_object(Bucket=bucket, Key=BOARD)
    principals.client(HOST, "secretsmanager").get_secret_value(SecretId=password)
    metrics = principals.client(HOST, "cloudwatch")
    metrics.list_metrics(Namespace="AWS/SQS")
    now = datetime.now(UTC)
    metrics.get_metric_data(MetricDataQueries=[METRIC], StartTime=now - timedelta(minutes=1), EndTime=now)
    principals.client(HOST, "logs").describe_log_groups(logGroupNamePrefix="/cafe")


def target_of(pipeline: Pipeline, schedule: str) -> dict[str, Any]:
    """Return the target of a schedule of the template."""
    group = {CHECKS: "CheckScheduleGroup", SNAPSHOTS: "SnapshotScheduleGroup"}[schedule]
    found = pipeline.client("scheduler").get_schedule(
        Name=pipeline.physical_id(schedule), GroupName=pipeline.physical_id(group)
    )
    target: dict[str, Any] = found["Target"]
    return target


def run_schedule(pipeline: Pipeline, role: str, schedule: str, action: str) -> None:
    """Make a schedule like the template's that is due at once. Wait until its role has done the action, or was refused.

    To send to the dead letters, its target does not exist.
    """
    scheduler, name = pipeline.client("scheduler"), pipeline.physical_id(role)
    target = target_of(pipeline, schedule)
    if action == "sqs:SendMessage":
        target["Arn"] = target_of(pipeline, CHECKS)["Arn"] + "-that-is-gone"
    # The scheduler remembers when a schedule of one name was last due.
    scheduled = f"{role}-{uuid4()}"
    scheduler.create_schedule(
        Name=scheduled,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    try:
        wait_until(lambda: is_decided(record(pipeline), name, action), f"{role} has used {action}")
    finally:
        scheduler.delete_schedule(Name=scheduled)
        take_scheduled_letters(pipeline)


def is_decided(found: Record, principal: str, action: str) -> bool:
    """Return whether the principal has used the action, or was refused."""
    used = {(user, used) for user, _, used, _ in found.used}
    return (principal, action) in used | found.refused


def take_scheduled_letters(pipeline: Pipeline) -> None:
    """Empty the dead-letter queue of the schedules."""
    url, sqs = pipeline.fact("schedules/deadletters/url"), pipeline.client("sqs")
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def as_list(value: Any) -> list[Any]:
    """Return a policy's single value or list as a list."""
    return value if isinstance(value, list) else [value]
