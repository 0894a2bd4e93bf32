"""The patched emulator: functions run as on Lambda, permissions hold, and missing types have stand-ins."""

import io
import json
import os
import re
import signal
import socket
import textwrap
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, WaiterError

from cafe.local import emulator, keys, processes
from integration.local.conftest import ControlPort, Emulator, start_emulator
from integration.local.sockets import listening_addresses
from integration.local.waiting import wait_until
from template.stack import read_source

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
LOGGING = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
ECHO = """
    def lambda_handler(event, context):
        return event
    """


def deploy(
    aws: Emulator, name: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None
) -> dict[str, str]:
    """Deploy resources as a stack, and give its outputs."""
    cloudformation = aws.client("cloudformation")
    template = {"Resources": resources, "Outputs": {key: {"Value": value} for key, value in (outputs or {}).items()}}
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    arguments = {"StackName": name, "TemplateBody": json.dumps(template), "Capabilities": capabilities}
    waiting = {"StackName": name, "WaiterConfig": {"Delay": 0.05, "MaxAttempts": 400}}
    try:
        cloudformation.create_stack(**arguments)
    except cloudformation.exceptions.AlreadyExistsException:
        cloudformation.update_stack(**arguments)
        cloudformation.get_waiter("stack_update_complete").wait(**waiting)
    else:
        cloudformation.get_waiter("stack_create_complete").wait(**waiting)
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def failure_of(aws: Emulator, name: str, resources: dict[str, Any]) -> str:
    """Deploy resources that must fail, and give the reason that CloudFormation states."""
    with pytest.raises(WaiterError):
        deploy(aws, name, resources)
    events = aws.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return " ".join(event.get("ResourceStatusReason", "") for event in events if "FAILED" in event["ResourceStatus"])


def function(source: str, *, statements: list[dict[str, Any]] | None = None, **properties: Any) -> dict[str, Any]:
    """Describe a function, with a role of its own. Without statements, it may write its log and nothing else."""
    policy = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements or [LOGGING]}}
    role = {"AssumeRolePolicyDocument": TRUST, "Policies": [policy]}
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.lambda_handler",
                "Code": {"ZipFile": textwrap.dedent(source)},
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 20,
                **properties,
            },
        },
    }


def deploy_function(aws: Emulator, name: str, source: str, **properties: Any) -> str:
    return deploy(aws, name, function(source, **properties), {"Name": {"Ref": "Function"}})["Name"]


def invoke(aws: Emulator, name: str, event: object = None) -> Any:
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}))
    return json.loads(answer["Payload"].read())


def log_of(aws: Emulator, group: str) -> str:
    logs = aws.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=group)["events"]
    except logs.exceptions.ResourceNotFoundException:  # nothing was logged yet
        return ""
    return "\n".join(event["message"] for event in events)


def test_a_function_runs_under_the_runtime_client_in_the_runtimes_python(running_emulator: Emulator) -> None:
    source = """
        import sys

        def lambda_handler(event, context):
            return [type(context).__module__, sys.prefix, context.get_remaining_time_in_millis() > 0]
        """
    name = deploy_function(running_emulator, "runtime", source)

    module, prefix, has_time = invoke(running_emulator, name)

    assert module == "awslambdaric.lambda_context"
    assert Path(prefix) == running_emulator.layout.runtime_python.parent.parent
    assert has_time


def test_a_function_gets_the_environment_of_lambda_and_the_template_and_not_the_emulators(
    running_emulator: Emulator,
) -> None:
    source = """
        import os

        def lambda_handler(event, context):
            return dict(os.environ)
        """
    logging = {"LogFormat": "JSON", "LogGroup": "/cafe/test", "ApplicationLogLevel": "WARN"}
    name = deploy_function(
        running_emulator,
        "environment",
        source,
        Environment={"Variables": {"NEXT_QUEUE_URL": "somewhere"}},
        LoggingConfig=logging,
    )

    environment = invoke(running_emulator, name)

    assert environment["NEXT_QUEUE_URL"] == "somewhere"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert environment["AWS_LAMBDA_LOG_LEVEL"] == "WARN"
    assert environment["AWS_LAMBDA_LOG_GROUP_NAME"] == "/cafe/test"
    assert environment["AWS_REGION"] == "eu-west-2"
    assert environment["AWS_ENDPOINT_URL"] == running_emulator.url
    assert environment["SSL_CERT_FILE"].endswith("ca.pem")
    root_keys = keys.read(running_emulator.layout)
    assert environment["AWS_ACCESS_KEY_ID"] != root_keys.access_key_id
    assert root_keys.secret_access_key not in environment.values()
    assert environment["AWS_CONFIG_FILE"] == os.devnull
    assert (
        not {"AUTH", "BIND_HOST", "CONTROL_TOKEN", "GATEWAY_PORT", "MINISTACK_REGION", "RESOURCE_SCHEMAS"}
        & environment.keys()
    )


def test_what_a_function_logs_is_in_its_log_group(running_emulator: Emulator) -> None:
    source = """
        import logging

        def lambda_handler(event, context):
            logging.getLogger().setLevel("INFO")
            logging.info("counted %d orders", 3)
        """
    name = deploy_function(running_emulator, "logs", source, LoggingConfig={"LogGroup": "/cafe/test/logs"})

    invoke(running_emulator, name)

    assert "counted 3 orders" in log_of(running_emulator, "/cafe/test/logs")


def test_a_failing_function_answers_with_its_error(running_emulator: Emulator) -> None:
    name = deploy_function(running_emulator, "failing", "def lambda_handler(event, context): return event['absent']")

    answer = invoke(running_emulator, name)

    assert answer["errorType"] == "KeyError"


def test_a_layer_is_extracted_once_for_all_workers(running_emulator: Emulator) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("python/shared_greeting.py", "HELLO = 'from the layer'")
    layer = running_emulator.client("lambda").publish_layer_version(
        LayerName="shared", Content={"ZipFile": package.getvalue()}, CompatibleRuntimes=["python3.13"]
    )
    source = """
        import os, time, shared_greeting

        def lambda_handler(event, context):
            time.sleep(0.3)  # the second invocation must find this worker busy
            return [os.getpid(), shared_greeting.HELLO, shared_greeting.__file__]
        """
    name = deploy_function(running_emulator, "layers", source, Layers=[layer["LayerVersionArn"]])

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: invoke(running_emulator, name), range(2)))

    workers, greetings, files = map(set, zip(*answers, strict=True))
    assert len(workers) == 2
    assert greetings == {"from the layer"}
    assert len(files) == 1
    assert Path(files.pop()).is_relative_to(running_emulator.layout.run)


def test_a_function_may_do_what_its_role_allows_and_nothing_else(running_emulator: Emulator) -> None:
    source = """
        import boto3
        from botocore.exceptions import ClientError

        def lambda_handler(event, context):
            s3 = boto3.client("s3")
            s3.put_object(Bucket="permissions", Key="allowed/a", Body=b"")
            try:
                s3.put_object(Bucket="permissions", Key="refused/a", Body=b"")
            except ClientError as error:
                return error.response["Error"]["Code"]
        """
    running_emulator.client("s3").create_bucket(
        Bucket="permissions", CreateBucketConfiguration={"LocationConstraint": emulator.REGION}
    )
    may_put = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::permissions/allowed/*"}
    name = deploy_function(running_emulator, "permissions", source, statements=[may_put])

    assert invoke(running_emulator, name) == "AccessDenied"


def test_a_role_that_may_send_a_message_may_send_a_batch(running_emulator: Emulator) -> None:
    source = """
        import boto3

        def lambda_handler(event, context):
            entries = [{"Id": "0", "MessageBody": "sent"}]
            return len(boto3.client("sqs").send_message_batch(QueueUrl=event["queue"], Entries=entries)["Successful"])
        """
    queue = running_emulator.client("sqs").create_queue(QueueName="batches")["QueueUrl"]
    may_send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:batches"}
    name = deploy_function(running_emulator, "batches", source, statements=[may_send])

    assert invoke(running_emulator, name, {"queue": queue}) == 1


def test_a_bucket_that_refuses_plain_http_admits_a_function(running_emulator: Emulator) -> None:
    source = """
        import boto3

        def lambda_handler(event, context):
            return boto3.client("s3").get_object(Bucket="tls-only", Key="a")["Body"].read().decode()
        """
    s3 = running_emulator.client("s3")
    s3.create_bucket(Bucket="tls-only", CreateBucketConfiguration={"LocationConstraint": emulator.REGION})
    s3.put_object(Bucket="tls-only", Key="a", Body=b"read")
    refuse_http = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::tls-only/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [refuse_http]}))
    may_get = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::tls-only/*"}
    name = deploy_function(running_emulator, "tls-only", source, statements=[may_get])

    assert invoke(running_emulator, name) == "read"


def test_reserved_concurrency_is_kept_on_create_and_on_update(running_emulator: Emulator) -> None:
    def reserved(name: str) -> Any:
        concurrency = running_emulator.client("lambda").get_function_concurrency(FunctionName=name)
        return concurrency.get("ReservedConcurrentExecutions")

    name = deploy_function(running_emulator, "reserved", ECHO, ReservedConcurrentExecutions=2)
    assert reserved(name) == 2

    deploy_function(running_emulator, "reserved", ECHO, ReservedConcurrentExecutions=3)
    assert reserved(name) == 3


def test_throttled_events_wait_until_they_can_run(running_emulator: Emulator) -> None:
    source = """
        import time

        def lambda_handler(event, context):
            time.sleep(1)
            print("ran", event["n"])
        """
    name = deploy_function(
        running_emulator,
        "throttled",
        source,
        ReservedConcurrentExecutions=1,
        LoggingConfig={"LogGroup": "/cafe/test/throttled"},
    )

    for n in range(6):
        running_emulator.client("lambda").invoke(
            FunctionName=name, InvocationType="Event", Payload=json.dumps({"n": n})
        )

    wait_until(lambda: all(f"ran {n}" in log_of(running_emulator, "/cafe/test/throttled") for n in range(6)))


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A namespace and a workgroup, under a name of the test's own: the emulator outlives the test."""
    name = re.sub("[^a-z0-9]+", "-", str(request.node.name))[:60].strip("-")
    return {
        "Namespace": {
            "Type": "AWS::RedshiftServerless::Namespace",
            "Properties": {
                "NamespaceName": name,
                "DbName": "cafe",
                "AdminUsername": "cafe_admin",
                "AdminUserPassword": "Correct-Horse-9",
                "IamRoles": ["arn:aws:iam::000000000000:role/copy"],
            },
        },
        "Workgroup": {
            "Type": "AWS::RedshiftServerless::Workgroup",
            "Properties": {"WorkgroupName": name, "NamespaceName": {"Ref": "Namespace"}, "BaseCapacity": 8},
        },
    }


def test_a_namespace_sets_the_endpoints_administrator(running_emulator: Emulator, namespace: dict[str, Any]) -> None:
    deploy(running_emulator, "namespace", namespace)

    assert running_emulator.control.administrators[-1] == {
        "user": "cafe_admin",
        "password": "Correct-Horse-9",
        "database": "cafe",
        "roles": ["arn:aws:iam::000000000000:role/copy"],
    }


def test_a_workgroup_names_the_local_endpoint(running_emulator: Emulator, namespace: dict[str, Any]) -> None:
    outputs = {
        "Address": {"Fn::GetAtt": ["Workgroup", "Workgroup.Endpoint.Address"]},
        "Port": {"Fn::GetAtt": ["Workgroup", "Workgroup.Endpoint.Port"]},
        "Name": {"Ref": "Workgroup"},
    }

    facts = deploy(running_emulator, "workgroup", namespace, outputs)

    name = namespace["Workgroup"]["Properties"]["WorkgroupName"]
    assert facts == {"Address": "localhost", "Port": "5439", "Name": name}


def capacity_stack(name: str, capacity: dict[str, str]) -> dict[str, Any]:
    """Arguments for a stack with the template's own rules on the capacity. It creates one parameter: the limit."""
    template = read_source()
    parts = {
        "Parameters": ("BaseCapacity", "MaxCapacity", "WarehouseSecondsADay"),
        "Conditions": ("WarehouseSecondsFollowCapacity",),
        "Rules": ("FourRpuAreOfferedHere", "MaxCapacityIsAboveBaseCapacity"),
    }
    alarm = template["Resources"]["WarehouseSecondsAlarm"]["Properties"]
    limit = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": alarm["Threshold"]}}
    body = {
        **{section: {key: template[section][key] for key in keys} for section, keys in parts.items()},
        "Mappings": template["Mappings"],
        "Resources": {"Limit": limit},
    }
    return {
        "StackName": name,
        "TemplateBody": json.dumps(body),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in capacity.items()],
    }


def test_a_workgroup_gets_only_a_capacity_that_the_region_offers(
    running_emulator: Emulator, namespace: dict[str, Any]
) -> None:
    namespace["Workgroup"]["Properties"]["BaseCapacity"] = 4

    reason = failure_of(running_emulator, "too-small-a-workgroup", namespace)

    assert "BaseCapacity 4 is not offered in eu-west-2" in reason


@pytest.mark.parametrize(
    ("capacity", "refusal"),
    [
        ({"BaseCapacity": "4"}, "BaseCapacity 4 is not offered in this region"),
        ({"BaseCapacity": "16", "MaxCapacity": "16"}, "MaxCapacity must be more than BaseCapacity"),
    ],
    ids=["not offered", "no room"],
)
def test_the_templates_rules_refuse_a_capacity_before_anything_is_created(
    running_emulator: Emulator, capacity: dict[str, str], refusal: str
) -> None:
    cloudformation = running_emulator.client("cloudformation")

    with pytest.raises(ClientError, match=refusal):
        cloudformation.create_stack(**capacity_stack("refused-capacity", capacity))

    names = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
    assert "refused-capacity" not in names


def test_the_limit_on_compute_follows_the_base_capacity(running_emulator: Emulator) -> None:
    cloudformation = running_emulator.client("cloudformation")
    limits = {}

    for base, maximum in (("8", "16"), ("32", "64")):
        name = f"capacity-{base}"
        cloudformation.create_stack(**capacity_stack(name, {"BaseCapacity": base, "MaxCapacity": maximum}))
        cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 0.05})
        limits[base] = running_emulator.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]

    assert limits == {"8": "115200", "32": "460800"}


def test_a_stand_ins_unknown_property_fails_the_deployment(
    running_emulator: Emulator, namespace: dict[str, Any]
) -> None:
    namespace["Workgroup"]["Properties"]["BaseCapacityRpu"] = 8

    reason = failure_of(running_emulator, "unknown-property", namespace)

    assert "'BaseCapacityRpu' was unexpected" in reason


def test_a_stand_ins_missing_property_fails_the_deployment(running_emulator: Emulator) -> None:
    reason = failure_of(
        running_emulator, "missing-property", {"Egress": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties": {}}}
    )

    assert "'GroupId' is a required property" in reason


def test_a_generated_password_has_a_sign_of_every_kind(running_emulator: Emulator) -> None:
    generator = {"PasswordLength": 6, "ExcludeCharacters": "/@\"'\\ ", "ExcludePunctuation": True}
    secrets = {
        f"Secret{number}": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": generator}}
        for number in range(12)
    }

    arns = deploy(running_emulator, "passwords", secrets, {name: {"Ref": name} for name in secrets})

    client = running_emulator.client("secretsmanager")
    passwords = [client.get_secret_value(SecretId=arn)["SecretString"] for arn in arns.values()]
    for expected in ("[a-z]", "[A-Z]", "[0-9]"):
        assert [password for password in passwords if not re.search(expected, password)] == []


def test_an_unknown_type_is_refused(running_emulator: Emulator) -> None:
    with pytest.raises(ClientError, match="AWS::Redshift::Cafe"):
        deploy(running_emulator, "unknown-type", {"Cafe": {"Type": "AWS::Redshift::Cafe", "Properties": {}}})


@pytest.fixture
def machine() -> dict[str, Any]:
    return {
        "Machine": {
            "Type": "AWS::EC2::Instance",
            "Properties": {
                "ImageId": "ami-0c2023a1b2c3d4e60",
                "InstanceType": "t4g.small",
                "Tags": [{"Key": "Name", "Value": "a machine"}],
            },
        }
    }


def state_of(aws: Emulator, instance: str) -> tuple[str, str]:
    """Give an instance's type and its state."""
    [reservation] = aws.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    [described] = reservation["Instances"]
    return described["InstanceType"], described["State"]["Name"]


def test_an_instance_can_be_stopped_and_started_and_ends_with_its_stack(
    running_emulator: Emulator, machine: dict[str, Any]
) -> None:
    ec2 = running_emulator.client("ec2")
    instance = deploy(running_emulator, "machine", machine, {"Id": {"Ref": "Machine"}})["Id"]
    assert state_of(running_emulator, instance) == ("t4g.small", "running")

    ec2.stop_instances(InstanceIds=[instance])
    assert state_of(running_emulator, instance) == ("t4g.small", "stopped")
    ec2.start_instances(InstanceIds=[instance])
    assert state_of(running_emulator, instance) == ("t4g.small", "running")

    running_emulator.client("cloudformation").delete_stack(StackName="machine")
    wait_until(lambda: state_of(running_emulator, instance) == ("t4g.small", "terminated"))


def test_an_instance_that_the_template_changes_stays_the_same_one(
    running_emulator: Emulator, machine: dict[str, Any]
) -> None:
    before = deploy(running_emulator, "changed-machine", machine, {"Id": {"Ref": "Machine"}})["Id"]
    machine["Machine"]["Properties"]["InstanceType"] = "t4g.micro"

    after = deploy(running_emulator, "changed-machine", machine, {"Id": {"Ref": "Machine"}})["Id"]

    assert after == before
    assert state_of(running_emulator, after) == ("t4g.micro", "running")


def test_an_instances_unknown_property_fails_the_deployment(
    running_emulator: Emulator, machine: dict[str, Any]
) -> None:
    machine["Machine"]["Properties"]["HttpTokens"] = "required"

    assert "'HttpTokens' was unexpected" in failure_of(running_emulator, "unknown-machine", machine)


def test_the_arm_image_has_its_public_parameter(running_emulator: Emulator) -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"

    value = running_emulator.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]

    assert value.startswith("ami-")


def test_the_sam_template_of_a_nested_stack_is_expanded(running_emulator: Emulator) -> None:
    s3 = running_emulator.client("s3")
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    with zipfile.ZipFile(package := io.BytesIO(), "w") as archive:
        archive.writestr("python/greeting.py", "HELLO = 'hello'")
    s3.put_object(Bucket="templates", Key="layer.zip", Body=package.getvalue())
    layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "s3://templates/layer.zip"}}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Layer": layer}}
    template["Outputs"] = {"Layer": {"Value": {"Ref": "Layer"}}}
    s3.put_object(Bucket="templates", Key="nested.json", Body=json.dumps(template))
    address = f"{running_emulator.url}/templates/nested.json"
    nested = {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": address}}}

    outputs = deploy(running_emulator, "parent", nested, {"Layer": {"Fn::GetAtt": ["Nested", "Outputs.Layer"]}})

    assert ":layer:" in outputs["Layer"]


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("xray", "get_groups"),
        ("schemas", "list_registries"),
        ("redshift-serverless", "list_workgroups"),
        ("redshift", "describe_clusters"),
    ],
)
def test_a_service_that_the_emulator_lacks_is_named(running_emulator: Emulator, service: str, call: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(running_emulator.client(service), call)()

    assert refused.value.response["Error"]["Code"] == "ServiceNotEmulated"
    assert f"does not have the service {service}" in refused.value.response["Error"]["Message"]


def test_uvicorn_serves_and_lets_a_client_ask_before_it_sends_a_body(running_emulator: Emulator) -> None:
    address = urlsplit(running_emulator.url)
    head = b"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    answers = {}
    for request in (head, b"no HTTP\r\n\r\n"):
        with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
            connection.sendall(request)
            answers[request] = connection.recv(1024)

    # The reason is part of it: older clients take an answer without one for a broken line.
    assert answers[head].startswith(b"HTTP/1.1 100 Continue\r\n")
    assert answers[b"no HTTP\r\n\r\n"].endswith(b"Invalid HTTP request received.")


def test_the_emulator_listens_on_loopback_only(running_emulator: Emulator) -> None:
    [process] = processes.recorded(running_emulator.layout.run)

    addresses = listening_addresses(process.pid)

    assert addresses == {"127.0.0.1"}


def test_functions_end_with_a_killed_emulator(tmp_path: Path, control_port: ControlPort) -> None:
    aws = start_emulator(tmp_path, control_port)
    source = "import os\ndef lambda_handler(event, context): return os.getpid()"
    worker = invoke(aws, deploy_function(aws, "orphans", source))
    [process] = processes.recorded(aws.layout.run)

    os.kill(process.pid, signal.SIGKILL)

    wait_until(lambda: not Path(f"/proc/{worker}").exists())
    processes.stop_all(aws.layout.run)
