"""A customer's KMS key decides over logs, passwords and alarms in the emulator, as it does on AWS."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cafe.local import emulator
from e2e.principals import refusal
from integration.local.conftest import Emulator
from integration.local.test_emulator import deploy, deploy_function, failure_of, invoke, log_of

HERE = f"{emulator.REGION}:{emulator.ACCOUNT_ID}"
LOGS, SECRETS = (f"{service}.{emulator.REGION}.amazonaws.com" for service in ("logs", "secretsmanager"))
ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{emulator.ACCOUNT_ID}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
ADMIT_LOGS = {
    "Effect": "Allow",
    "Principal": {"Service": LOGS},
    "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
    "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{HERE}:log-group:/keys/*"}},
}
ADMIT_ALARMS = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
    "Condition": {
        "StringEquals": {"aws:SourceAccount": emulator.ACCOUNT_ID},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{HERE}:alarm:keys-*"},
    },
}
NOT_ALLOWED = "Access to KMS is not allowed"
NO_GROUP = "The specified KMS key does not exist or is not allowed to be used with Arn"
KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}
GENERATED = {"GenerateSecretString": {"PasswordLength": 40, "ExcludePunctuation": True}}
SAY = """
    def lambda_handler(event, context):
        print("a line")
    """


def key(*statements: dict[str, Any]) -> dict[str, Any]:
    """Describe a key that admits the account's own people, and whom the statements admit."""
    policy = {"Version": "2012-10-17", "Statement": [ROOT, *statements]}
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}


def group(name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name, **properties}}


def secret(name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": name, **GENERATED, **properties}}


def topic(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SNS::Topic", "Properties": properties}


@pytest.fixture(scope="module")
def ready(running_emulator: Emulator) -> dict[str, str]:
    """A key that admits all who need it, with a log group, a secret, and a topic with a queue that listens."""
    resources = {
        "Key": key(ADMIT_LOGS, ADMIT_ALARMS),
        "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/keys", "TargetKeyId": {"Ref": "Key"}}},
        "Group": group("/keys/group", KmsKeyId=KEY_ARN),
        "Secret": secret("keys/secret", KmsKeyId=KEY_ARN),
        "Topic": topic(KmsMasterKeyId=KEY_ARN),
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "keys-listener"}},
    }
    queue = {"Fn::GetAtt": ["Queue", "Arn"]}
    resources["Listener"] = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": queue, "RawMessageDelivery": True},
    }
    sends = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    resources["Accepts"] = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [{**sends, "Resource": queue}]},
        },
    }
    outputs = {"key": KEY_ARN, "secret": {"Ref": "Secret"}, "topic": {"Ref": "Topic"}, "queue": {"Ref": "Queue"}}
    return deploy(running_emulator, "keys", resources, outputs)


@contextmanager
def unusable(aws: Emulator, key_arn: str, state: str) -> Iterator[None]:
    """Disable the key, or schedule its deletion, until the context ends."""
    kms = aws.client("kms")
    if state == "disabled":
        kms.disable_key(KeyId=key_arn)
    else:
        kms.schedule_key_deletion(KeyId=key_arn, PendingWindowInDays=30)
    try:
        yield
    finally:
        if state != "disabled":
            kms.cancel_key_deletion(KeyId=key_arn)
        kms.enable_key(KeyId=key_arn)


UNUSABLE = pytest.mark.parametrize("state", ["disabled", "pending deletion"])


def user(aws: Emulator, name: str, *statements: dict[str, Any]) -> Callable[[str], Any]:
    """Make a user with these permissions. Return what makes their clients."""
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    make_client: Any = boto3.client
    return lambda service: make_client(
        service,
        endpoint_url=aws.url,
        region_name=emulator.REGION,
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
    )


def allow(action: str | list[str], via: str | None = None) -> dict[str, Any]:
    condition = {"Condition": {"StringEquals": {"kms:ViaService": via}}} if via else {}
    return {"Effect": "Allow", "Action": action, "Resource": "*", **condition}


# Log groups


@pytest.mark.parametrize(
    ("resources", "name"),
    [
        ({"Key": key()}, "/keys/no-service"),
        ({"Key": key(ADMIT_LOGS)}, "/elsewhere/group"),
        ({"Key": key({**ADMIT_LOGS, "Principal": {"Service": "logs.us-east-1.amazonaws.com"}})}, "/keys/far"),
        ({"Key": key({**ADMIT_LOGS, "Action": "kms:Decrypt"})}, "/keys/reads-only"),
    ],
    ids=["nobody", "other groups", "another region", "too few actions"],
)
def test_a_group_is_refused_whose_key_does_not_admit_the_service_for_it(
    running_emulator: Emulator, resources: dict[str, Any], name: str
) -> None:
    stack = f"refused{name.replace('/', '-')}"

    reason = failure_of(running_emulator, stack, {**resources, "Group": group(name, KmsKeyId=KEY_ARN)})

    assert f"{NO_GROUP} 'arn:aws:logs:{HERE}:log-group:{name}'" in reason


def test_a_group_that_is_there_already_is_refused_the_same_key(running_emulator: Emulator) -> None:
    deploy(running_emulator, "late-key", {"Key": key(), "Group": group("/keys/late")})

    reason = failure_of(running_emulator, "late-key", {"Key": key(), "Group": group("/keys/late", KmsKeyId=KEY_ARN)})

    assert NO_GROUP in reason


@UNUSABLE
def test_a_group_is_refused_whose_key_cannot_be_used(
    running_emulator: Emulator, ready: dict[str, str], state: str
) -> None:
    logs = running_emulator.client("logs")

    with unusable(running_emulator, ready["key"], state), pytest.raises(ClientError, match=NO_GROUP):
        logs.create_log_group(logGroupName="/keys/never", kmsKeyId=ready["key"])

    assert logs.describe_log_groups(logGroupNamePrefix="/keys/never")["logGroups"] == []


@UNUSABLE
def test_no_lines_are_read_while_the_key_cannot_be_used(
    running_emulator: Emulator, ready: dict[str, str], state: str
) -> None:
    logs, stream = running_emulator.client("logs"), {"logGroupName": "/keys/group", "logStreamName": state}
    logs.create_log_stream(**stream)
    logs.put_log_events(**stream, logEvents=[{"timestamp": 0, "message": f"before it was {state}"}])

    with unusable(running_emulator, ready["key"], state), pytest.raises(ClientError, match=NO_GROUP):
        log_of(running_emulator, "/keys/group")

    assert f"before it was {state}" in log_of(running_emulator, "/keys/group")


def test_who_makes_a_group_or_writes_into_it_needs_its_key_through_the_service(
    running_emulator: Emulator, ready: dict[str, str]
) -> None:
    use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
    clients = {
        "nothing": user(running_emulator, "logs-without", allow("logs:*")),
        "directly": user(running_emulator, "logs-elsewhere", allow("logs:*"), allow(use, SECRETS)),
        "through": user(running_emulator, "logs-with", allow("logs:*"), allow(use, LOGS)),
    }
    running_emulator.client("logs").create_log_stream(logGroupName="/keys/group", logStreamName="s")
    event = {"timestamp": 0, "message": "m"}

    def codes(name: str) -> tuple[str, str]:
        logs, made = clients[name]("logs"), f"/keys/by-{name}"
        return (
            refusal(lambda: logs.create_log_group(logGroupName=made, kmsKeyId=ready["key"])),
            refusal(lambda: logs.put_log_events(logGroupName="/keys/group", logStreamName="s", logEvents=[event])),
        )

    assert {name: codes(name) for name in clients} == {
        "nothing": ("AccessDeniedException", "AccessDeniedException"),
        "directly": ("AccessDeniedException", "AccessDeniedException"),
        "through": ("", ""),
    }


@pytest.mark.parametrize(("statements", "is_logged"), [([], False), ([allow("kms:*", LOGS)], True)])
def test_a_function_whose_role_may_not_use_the_key_runs_and_logs_nothing(
    running_emulator: Emulator, ready: dict[str, str], statements: list[dict[str, Any]], is_logged: bool
) -> None:
    name, lines = f"keys-log-{is_logged}", f"/keys/function-{is_logged}"
    running_emulator.client("logs").create_log_group(logGroupName=lines, kmsKeyId=ready["key"])
    granted = [allow(["logs:CreateLogStream", "logs:PutLogEvents"]), *statements]
    function = deploy_function(running_emulator, name, SAY, statements=granted, LoggingConfig={"LogGroup": lines})

    answer = invoke(running_emulator, function)

    assert answer is None
    assert ("a line" in log_of(running_emulator, lines)) is is_logged


# Secrets


@pytest.mark.parametrize(
    ("name", "statements", "code"),
    [
        ("reads-without", [], "AccessDeniedException"),
        ("reads-elsewhere", [allow("kms:Decrypt", LOGS)], "AccessDeniedException"),
        ("reads-otherwise", [allow("kms:Encrypt", SECRETS)], "AccessDeniedException"),
        ("reads-through", [allow("kms:Decrypt", SECRETS)], ""),
    ],
)
def test_who_reads_a_secret_needs_to_decrypt_through_the_service(
    running_emulator: Emulator, ready: dict[str, str], name: str, statements: list[dict[str, Any]], code: str
) -> None:
    secrets = user(running_emulator, name, allow("secretsmanager:GetSecretValue"), *statements)("secretsmanager")

    assert refusal(lambda: secrets.get_secret_value(SecretId=ready["secret"])) == code


def test_a_refusal_says_what_secrets_manager_says(running_emulator: Emulator, ready: dict[str, str]) -> None:
    secrets = user(running_emulator, "reads-words", allow("secretsmanager:*"))("secretsmanager")

    calls = {
        "get_secret_value": {"SecretId": ready["secret"]},
        "put_secret_value": {"SecretId": ready["secret"], "SecretString": "s"},
        "update_secret": {"SecretId": ready["secret"], "SecretString": "s"},
        "create_secret": {"Name": "keys/never", "SecretString": "s", "KmsKeyId": ready["key"]},
    }

    for operation, arguments in calls.items():
        with pytest.raises(ClientError, match=NOT_ALLOWED):
            getattr(secrets, operation)(**arguments)


def test_who_may_decrypt_through_the_service_may_not_do_so_directly(
    running_emulator: Emulator, ready: dict[str, str]
) -> None:
    cipher = running_emulator.client("kms").encrypt(KeyId=ready["key"], Plaintext=b"x")["CiphertextBlob"]
    kms = user(running_emulator, "reads-directly", allow("kms:Decrypt", SECRETS))("kms")

    assert refusal(lambda: kms.decrypt(CiphertextBlob=cipher, KeyId=ready["key"])) == "AccessDeniedException"


@UNUSABLE
def test_no_secret_is_read_or_made_while_its_key_cannot_be_used(
    running_emulator: Emulator, ready: dict[str, str], state: str
) -> None:
    secrets = running_emulator.client("secretsmanager")
    made = {"Made": secret(f"keys/{state}", KmsKeyId=ready["key"])}

    with unusable(running_emulator, ready["key"], state):
        with pytest.raises(ClientError, match=NOT_ALLOWED):
            secrets.get_secret_value(SecretId=ready["secret"])
        reason = failure_of(running_emulator, f"secret-{state.replace(' ', '-')}", made)

    assert NOT_ALLOWED in reason
    assert secrets.get_secret_value(SecretId=ready["secret"])["SecretString"]


# Alarms


def messages(aws: Emulator, url: str) -> list[str]:
    """Take the names of the alarms that the topic has delivered."""
    received = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in received:
        aws.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"])["AlarmName"] for message in received]


def go_off(aws: Emulator, name: str, topic_arn: str) -> list[dict[str, Any]]:
    """Make an alarm of the name go off. Return what its history says of its actions."""
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Keys",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic_arn],
    )
    cloudwatch.put_metric_data(Namespace="Keys", MetricData=[{"MetricName": name, "Value": 1}])
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    history = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="Action")["AlarmHistoryItems"]
    return [json.loads(item["HistoryData"]) for item in history]


def test_an_alarm_reaches_a_topic_whose_key_admits_it(running_emulator: Emulator, ready: dict[str, str]) -> None:
    failed = go_off(running_emulator, "keys-admitted", ready["topic"])

    assert failed == []
    assert messages(running_emulator, ready["queue"]) == ["keys-admitted"]


def test_an_alarm_that_the_key_does_not_admit_reaches_nobody_and_its_history_says_so(
    running_emulator: Emulator, ready: dict[str, str]
) -> None:
    [failed] = go_off(running_emulator, "another-alarm", ready["topic"])

    assert messages(running_emulator, ready["queue"]) == []
    assert (failed["actionState"], failed["notificationResource"]) == ("Failed", ready["topic"])
    assert "does not have authorization to access the SNS topic encryption key" in failed["error"]


def test_an_alarm_cannot_use_the_default_key_of_sns(running_emulator: Emulator) -> None:
    made = deploy(
        running_emulator, "default-key", {"Topic": topic(KmsMasterKeyId="alias/aws/sns")}, {"topic": {"Ref": "Topic"}}
    )

    [failed] = go_off(running_emulator, "keys-default", made["topic"])

    assert failed["actionState"] == "Failed"


@UNUSABLE
def test_an_alarm_reaches_nobody_while_the_key_cannot_be_used(
    running_emulator: Emulator, ready: dict[str, str], state: str
) -> None:
    with unusable(running_emulator, ready["key"], state):
        [failed] = go_off(running_emulator, f"keys-{state}", ready["topic"])

    assert failed["actionState"] == "Failed"
    assert messages(running_emulator, ready["queue"]) == []


# Stacks


def test_a_stack_from_before_the_key_takes_it_and_keeps_its_password_and_its_lines(running_emulator: Emulator) -> None:
    before = {"Group": group("/keys/before"), "Secret": secret("keys/before"), "Topic": topic()}
    deploy(running_emulator, "before", before)
    logs, secrets = running_emulator.client("logs"), running_emulator.client("secretsmanager")
    password = secrets.get_secret_value(SecretId="keys/before")["SecretString"]
    logs.create_log_stream(logGroupName="/keys/before", logStreamName="s")
    old = {"timestamp": 1_700_000_000_000, "message": "an old line"}
    logs.put_log_events(logGroupName="/keys/before", logStreamName="s", logEvents=[old])

    after = {
        "Key": key(ADMIT_LOGS, ADMIT_ALARMS),
        "Group": group("/keys/before", KmsKeyId=KEY_ARN),
        "Secret": secret("keys/before", KmsKeyId=KEY_ARN),
        "Topic": topic(KmsMasterKeyId=KEY_ARN),
    }
    made = deploy(running_emulator, "before", after, {"key": KEY_ARN, "topic": {"Ref": "Topic"}})

    [found] = logs.describe_log_groups(logGroupNamePrefix="/keys/before")["logGroups"]
    assert found["kmsKeyId"] == made["key"]
    assert log_of(running_emulator, "/keys/before") == "an old line"
    assert secrets.describe_secret(SecretId="keys/before")["KmsKeyId"] == made["key"]
    assert secrets.get_secret_value(SecretId="keys/before")["SecretString"] == password
    attributes = running_emulator.client("sns").get_topic_attributes(TopicArn=made["topic"])["Attributes"]
    assert attributes["KmsMasterKeyId"] == made["key"]


def test_an_alias_is_not_given_to_a_second_key(running_emulator: Emulator, ready: dict[str, str]) -> None:
    again = {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/keys", "TargetKeyId": {"Ref": "Key"}}}

    reason = failure_of(running_emulator, "alias-again", {"Key": key(), "Alias": again})

    assert "'alias/keys' already exists" in reason
    described = running_emulator.client("kms").describe_key(KeyId="alias/keys")["KeyMetadata"]
    assert described["Arn"] == ready["key"]
