"""What users of the template rely on: names of facts, days of retention, and permissions."""

import json
import re
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

import pytest

from load import statements
from template.host_breakages import WITH_A_BALANCER
from template.rules.access import JOIN_VPC
from template.stack import TEMPLATE_FILE, Resource, Stack, read_source

STAGES = ("extract", "transform", "load")


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(read_source())


def test_the_template_does_not_mention_the_local_stack() -> None:
    # Grafana's address at the end of a forwarded port is not of the local stack.
    text = re.sub("/usr/local/|http://localhost:3000/", "", TEMPLATE_FILE.read_text(encoding="utf-8"))

    assert re.findall(r".*(?:local|emulator|ministack|laptop).*", text, re.IGNORECASE) == []


@pytest.mark.parametrize(
    ("bucket", "days_by_prefix"),
    [
        pytest.param("AccessLogBucket", {"": 90}, id="the access log: 90 days"),
        pytest.param("DropBucket", {"": 7}, id="raw files: a week"),
        pytest.param(
            "StagingBucket",
            {"extracted/": 400, "transformed/": 14, "rejects/": 90, "mornings/": 14},
            id="staging: by kind of file",
        ),
    ],
)
def test_files_are_kept_as_long_as_documented(stack: Stack, bucket: str, days_by_prefix: dict[str, int]) -> None:
    rules = stack.resources[bucket].properties["LifecycleConfiguration"]["Rules"]

    kept = {rule.get("Prefix", ""): rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}

    assert kept == days_by_prefix


def test_a_raw_file_is_erased_the_day_after_it_is_hidden(stack: Stack) -> None:
    raw_files = stack.resources["DropBucket"].properties["LifecycleConfiguration"]["Rules"][0]

    assert raw_files["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_F38_no_message_outlives_the_transformed_file_that_it_names(stack: Stack) -> None:
    rules = stack.resources["StagingBucket"].properties["LifecycleConfiguration"]["Rules"]
    file_seconds = next(rule["ExpirationInDays"] for rule in rules if rule.get("Prefix") == "transformed/") * 86_400

    message_seconds = stack.resources["TransformedDeadLetterQueue"].properties["MessageRetentionPeriod"]

    assert message_seconds <= file_seconds


def test_the_facts_that_the_command_line_looks_up_are_published(stack: Stack) -> None:
    published = {fact.properties["Name"]["Fn::Sub"]: fact.properties["Value"] for fact in _facts(stack)}

    assert {name.removeprefix("/cafe/${Environment}/") for name in published} == {
        "branch/role/arn",
        "drop/bucket/name",
        "staging/bucket/name",
        *(
            f"{stage}/{kind}"
            for stage in STAGES
            for kind in ("function/name", "queue/url", "deadletters/url", "logs/group")
        ),
        "schedules/deadletters/url",
        "warehouse/workgroup/name",
        "warehouse/database/name",
        "warehouse/endpoint/address",
        "warehouse/endpoint/port",
        "warehouse/secret/arn",
        "warehouse/copyrole/arn",
        "dashboards/bucket/name",
        "dashboards/host/instance",
        "dashboards/secret/arn",
    }


@pytest.mark.parametrize(
    ("stage", "queue", "dead_letters"),
    [
        ("extract", "ArrivalsQueue", "ArrivalsDeadLetterQueue"),
        ("transform", "ExtractedQueue", "ExtractedDeadLetterQueue"),
        ("load", "TransformedQueue", "TransformedDeadLetterQueue"),
    ],
    ids=STAGES,
)
def test_a_stage_is_published_with_the_queue_that_feeds_it(
    stack: Stack, stage: str, queue: str, dead_letters: str
) -> None:
    published = {fact.properties["Name"]["Fn::Sub"]: fact.properties["Value"] for fact in _facts(stack)}

    function = f"{stage.capitalize()}Function"
    feeding = [
        mapping.properties["EventSourceArn"]
        for mapping in stack.of_type("AWS::Lambda::EventSourceMapping")
        if mapping.properties["FunctionName"] == {"Ref": function}
    ]

    assert published[f"/cafe/${{Environment}}/{stage}/function/name"] == {"Ref": function}
    assert published[f"/cafe/${{Environment}}/{stage}/queue/url"] == {"Ref": queue}
    assert published[f"/cafe/${{Environment}}/{stage}/deadletters/url"] == {"Ref": dead_letters}
    assert feeding == [{"Fn::GetAtt": [queue, "Arn"]}]


# As in AWS's own policy for this, AWSLambdaSQSQueueExecutionRole.
TAKE_MESSAGES = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
ENCRYPT_LOGS = {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}
WRITE_LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
# The plugin calls these (pkg/redshift/api/api.go of grafana/redshift-datasource): ListStatements, which its own policy
# grants, is called nowhere.
OWN_STATEMENTS = {
    "redshift-data:CancelStatement",
    "redshift-data:DescribeStatement",
    "redshift-data:GetStatementResult",
}
READ_METRICS = {"cloudwatch:GetMetricData", "cloudwatch:ListMetrics"}
SESSION_MANAGER = {
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
}


# Deliberately written a second time: a grant that somebody adds without thinking fails here.
@pytest.mark.parametrize(
    ("owner", "grants"),
    [
        pytest.param(
            "BranchUploadPolicy",
            {
                "DropBucket/????/*/!aws:PrincipalTag/branch}_??-??-????_??-??-??*": {"s3:PutObject"},
                "DropBucket/????/*/????-??-??-!aws:PrincipalTag/branch}.csv*": {"s3:PutObject"},
                "DropBucket/????/*/????-??-??-!aws:PrincipalTag/branch}(*": {"s3:PutObject"},
                "DropBucket/????/*/????-??-??-!aws:PrincipalTag/branch} *": {"s3:PutObject"},
                "DropBucket/????/*/????-??-??-!aws:PrincipalTag/branch}_till-*": {"s3:PutObject"},
            },
            id="a branch only puts its own files",
        ),
        pytest.param("BranchRole", {}, id="a session of a branch has the branch's policy only"),
        pytest.param(
            "HeadOfficePolicy",
            {
                "DropBucket/head-office/*": {"s3:PutObject"},
                "DropBucket": {"s3:ListBucketVersions"},
                "arn:AWS::Partition}:ssm:AWS::Region}:AWS::AccountId}:parameter/cafe/Environment}": {
                    "ssm:GetParametersByPath"
                },
                "arn:AWS::Partition}:ssm:AWS::Region}:AWS::AccountId}:parameter/cafe/Environment}/*": {
                    "ssm:GetParametersByPath"
                },
                "BranchRole": {"sts:AssumeRole", "sts:TagSession"},
            },
            id="head office puts files of any café, and acts as one",
        ),
        pytest.param(
            "ExtractRole",
            {
                "ArrivalsQueue": TAKE_MESSAGES,
                "DropBucket": {"s3:ListBucket", "s3:ListBucketVersions"},
                "DropBucket/*": {"s3:GetObjectVersion"},
                "StagingBucket/extracted/*": {"s3:PutObject"},
                "StagingBucket/rejects/*": {"s3:PutObject"},
                "StagingBucket/register/cafes.json": {"s3:GetObject", "s3:PutObject"},
                "StagingBucket": {"s3:ListBucket"},
                "ExtractedQueue": {"sqs:SendMessage"},
                "ExtractLogGroup": WRITE_LOGS,
                "EncryptionKey": ENCRYPT_LOGS,
            },
            id="only extract reads raw files",
        ),
        pytest.param(
            "TransformRole",
            {
                "ExtractedQueue": TAKE_MESSAGES,
                "StagingBucket/extracted/*": {"s3:GetObject"},
                "StagingBucket/transformed/*": {"s3:PutObject"},
                "StagingBucket/rejects/*": {"s3:PutObject"},
                "TransformedQueue": {"sqs:SendMessage"},
                "TransformLogGroup": WRITE_LOGS,
                "EncryptionKey": ENCRYPT_LOGS,
            },
            id="transform reads what extract wrote",
        ),
        pytest.param(
            "LoadRole",
            {
                "TransformedQueue": TAKE_MESSAGES,
                "StagingBucket/transformed/*": {"s3:PutObject"},
                "StagingBucket/mornings/*": {"s3:PutObject"},
                "MorningTopic": {"sns:Publish"},
                "WarehouseSecret": {"secretsmanager:GetSecretValue"},
                "LoadLogGroup": WRITE_LOGS,
                "EncryptionKey": ENCRYPT_LOGS,
                "*": JOIN_VPC,
            },
            id="load writes rows and manifests, opens the warehouse and sends the morning mail",
        ),
        pytest.param(
            "CopyRole",
            {
                "StagingBucket": {"s3:ListBucket"},
                "StagingBucket/transformed/*": {"s3:GetObject"},
                "StagingBucket/rejects/*": {"s3:GetObject"},
            },
            id="the warehouse reads what it copies",
        ),
        pytest.param(
            "GrafanaHostRole",
            {
                "DashboardsBucket": {"s3:ListBucket"},
                "DashboardsBucket/*": {"s3:GetObject"},
                "GrafanaSecret": {"secretsmanager:GetSecretValue"},
                "EncryptionKey": {"kms:Decrypt"},
                "WarehouseWorkgroup": {"redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"},
                "arn:AWS::Partition}:logs:AWS::Region}:AWS::AccountId}:log-group:*": {"logs:DescribeLogGroups"},
                "*": OWN_STATEMENTS | READ_METRICS | SESSION_MANAGER,
            },
            id="Grafana queries the warehouse and reads metrics",
        ),
        pytest.param(
            "WarehouseCheckRole",
            {"LoadFunction": {"lambda:InvokeFunction"}, "ScheduleDeadLetterQueue": {"sqs:SendMessage"}},
            id="the schedule invokes load",
        ),
    ],
)
def test_a_role_may_do_exactly_this(stack: Stack, owner: str, grants: dict[str, set[str]]) -> None:
    granted: dict[str, set[str]] = {}
    for statement in stack.statements():
        if statement.owner.logical_id == owner:
            for resource in statement.resources:
                granted.setdefault(_shorthand(resource), set()).update(statement.actions)

    assert granted == grants


def test_the_user_whose_sessions_load_limits_is_the_warehouses_administrator(stack: Stack) -> None:
    secret = stack.resources["WarehouseSecret"].properties["GenerateSecretString"]["SecretStringTemplate"]

    assert f" {json.loads(secret)['username']} " in statements.statement("schema/limit_sessions")


def test_load_gets_its_password_by_reference_only(stack: Stack) -> None:
    variables = stack.resources["LoadFunction"].properties["Environment"]["Variables"]

    assert variables["WAREHOUSE_SECRET_ARN"] == {"Fn::GetAtt": ["WarehouseSecret", "Id"]}
    assert not [name for name in variables if "PASSWORD" in name]


@pytest.mark.parametrize(
    ("function", "own"),
    [
        ("ExtractFunction", {"NEXT_QUEUE_URL", "OLDEST_SALE_DAYS"}),
        ("TransformFunction", {"NEXT_QUEUE_URL"}),
        (
            "LoadFunction",
            {
                "WAREHOUSE_HOST",
                "WAREHOUSE_PORT",
                "WAREHOUSE_DATABASE",
                "WAREHOUSE_SECRET_ARN",
                "COPY_ROLE_ARN",
                "MOST_REMOVED_PERCENT",
                "ENVIRONMENT",
                "MORNING_TOPIC_ARN",
            },
        ),
    ],
)
def test_a_function_has_the_environment_variables_that_it_reads(stack: Stack, function: str, own: set[str]) -> None:
    variables = stack.resources[function].properties["Environment"]["Variables"]

    assert set(variables) == own | {
        "STAGING_BUCKET",
        "POWERTOOLS_SERVICE_NAME",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_LOG_LEVEL",
    }


@pytest.mark.parametrize(("window", "size"), [("20", 100), ("1", 100), ("0", 10)], ids=["usual", "least", "none"])
def test_load_takes_as_many_messages_as_its_window_allows(window: str, size: int) -> None:
    stack = Stack(read_source(), {"LoadBatchingWindowSeconds": window})

    mapping = stack.resources["LoadFunctionTransformed"].properties

    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (size, window)


@pytest.mark.parametrize("numbers", [(), (1,), (2,), (1, 3), (1, 2, 3)], ids=str)
def test_each_address_of_the_morning_mail_is_subscribed(numbers: tuple[int, ...]) -> None:
    stack = Stack(read_source(), {f"MorningMail{number}": f"{number}@example.com" for number in numbers})

    subscribed = [
        item.properties["Endpoint"]
        for item in stack.of_type("AWS::SNS::Subscription")
        if stack.target(item.properties["TopicArn"]) == stack.resources["MorningTopic"]
    ]

    assert subscribed == [f"{number}@example.com" for number in numbers]
    assert ("MailEndpoint" in stack.resources) is bool(numbers)
    variables = stack.resources["LoadFunction"].properties["Environment"]["Variables"]
    assert variables["MORNING_TOPIC_ARN"] == ({"Ref": "MorningTopic"} if numbers else "")


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    ("address", "is_accepted"),
    [("", True), ("ada@example.com", True), ("ada@example.com,bo@example.com", False), ("ada", False), (" ", False)],
    ids=["none", "one", "a list", "no address", "a blank"],
)
def test_cloudformation_refuses_an_address_that_would_get_no_mail(
    stack: Stack, number: int, address: str, is_accepted: bool
) -> None:
    pattern = stack.parameters[f"MorningMail{number}"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, address)) is is_accepted


def test_the_queue_accepts_messages_of_the_drop_bucket(stack: Stack) -> None:
    announces = next(stack.statements("AWS::SQS::QueuePolicy"))

    source = announces.conditions["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]

    assert source.endswith(f":::{stack.resources['DropBucket'].properties['BucketName']['Fn::Sub']}")


def test_load_reaches_the_warehouse_in_the_address_range_of_the_vpc(stack: Stack) -> None:
    egress = stack.resources["LoadSecurityGroup"].properties["SecurityGroupEgress"]

    to_warehouse = next(rule for rule in egress if rule["FromPort"] == 5439)

    assert to_warehouse["CidrIp"] == stack.resources["Vpc"].properties["CidrBlock"]


def test_the_database_has_the_same_name_everywhere(stack: Stack) -> None:
    created = stack.resources["WarehouseNamespace"].properties["DbName"]
    connected = stack.resources["LoadFunction"].properties["Environment"]["Variables"]["WAREHOUSE_DATABASE"]
    published = stack.resources["WarehouseDatabaseName"].properties["Value"]

    assert created == connected == published == "cafe"


def test_grafana_can_read_only_the_results_of_its_own_statements(stack: Stack) -> None:
    (follow,) = [statement for statement in stack.statements() if statement.sid == "FollowOwnStatements"]

    assert follow.conditions == {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}}


@pytest.mark.parametrize(
    ("overrides", "present"),
    [({}, False), (WITH_A_BALANCER, True)],
    ids=["default: none", "with a certificate"],
)
def test_the_balancer_and_its_resources_exist_only_with_a_certificate(overrides: dict[str, str], present: bool) -> None:
    resources = Stack(read_source(), overrides).resources

    of_the_balancer = {
        "Balancer",
        "BalancerListener",
        "BalancerTargets",
        "BalancerSecurityGroup",
        "GrafanaHostFromBalancer",
        "PublicSubnetB",
        "PublicSubnetBRoutes",
    }
    assert of_the_balancer & resources.keys() == (of_the_balancer if present else set())


def test_the_balancer_reaches_grafana_in_the_subnet_of_the_host() -> None:
    stack = Stack(read_source(), WITH_A_BALANCER)
    (egress,) = stack.resources["BalancerSecurityGroup"].properties["SecurityGroupEgress"]
    targets = stack.resources["BalancerTargets"].properties

    assert egress["CidrIp"] == stack.resources["PublicSubnetA"].properties["CidrBlock"]
    assert egress["FromPort"] == egress["ToPort"] == targets["Port"] == targets["Targets"][0]["Port"] == 3000
    assert targets["HealthCheckPath"] == "/api/health"


def test_subnets_are_inside_the_vpc_and_do_not_overlap() -> None:
    stack = Stack(read_source(), WITH_A_BALANCER)

    subnets = [IPv4Network(subnet.properties["CidrBlock"]) for subnet in stack.of_type("AWS::EC2::Subnet")]

    assert all(subnet.subnet_of(IPv4Network("10.20.0.0/16")) for subnet in subnets)
    assert not [pair for pair in combinations(subnets, 2) if pair[0].overlaps(pair[1])]


def _facts(stack: Stack) -> list[Resource]:
    return list(stack.of_type("AWS::SSM::Parameter"))


def _shorthand(resource: Any) -> str:
    match resource:
        case {"Fn::GetAtt": [str(logical_id), *_]} | {"Ref": str(logical_id)}:
            return logical_id
        case {"Fn::Sub": str(text)}:
            return text.replace("${", "").replace(".Arn}", "")
    return str(resource)
