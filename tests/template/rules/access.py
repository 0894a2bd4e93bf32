"""House rules for permissions: exact actions on exact resources, over TLS, for this account only."""

from collections.abc import Iterator

from template.calls import actions_called
from template.stack import Document, Resource, Stack, Statement

# Statements for which AWS requires `*`: why that grants nothing more, and the document that says so.
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
WILDCARD_RESOURCES = {
    ("LoadRole", "AttachToVpc"): (
        "Lambda requires these grants on `*`; the function has no route to EC2's API",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
    ),
    ("GrafanaHostRole", "FollowOwnStatements"): (
        "accept no resource; a condition allows the host's own statements only",
        f"{REFERENCE}list_amazonredshiftdataapi.html",
    ),
    ("GrafanaHostRole", "ReadMetrics"): (
        "CloudWatch accepts no resource for reading metrics",
        f"{REFERENCE}list_amazoncloudwatch.html",
    ),
    ("GrafanaHostRole", "AdmitSessionManager"): (
        "channels accept no resource; the host is created with this role",
        f"{REFERENCE}list_amazonsessionmanagermessagegatewayservice.html",
    ),
}
# The services that act in a role of this stack. A role can be passed only within its account (IAM guide, "Grant a user
# permissions to pass a role to an AWS service"), so most need no condition. EventBridge Scheduler's guide asks for one
# ("Confused deputy prevention in EventBridge Scheduler").
TRUSTED_SERVICES = {
    "ec2.amazonaws.com": False,
    "lambda.amazonaws.com": False,
    "redshift.amazonaws.com": False,
    "redshift-serverless.amazonaws.com": False,
    "scheduler.amazonaws.com": True,
}
# A serverless warehouse needs both ("Granting permissions to Amazon Redshift Serverless").
ONE_SERVICE = {"redshift.amazonaws.com": "redshift", "redshift-serverless.amazonaws.com": "redshift"}
# What AWS itself does with a function's role (Lambda guide: "Using Lambda with Amazon SQS", "Connecting to a VPC").
JOIN_VPC = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}
DONE_BY_LAMBDA = JOIN_VPC | {
    # by CloudWatch Logs and Secrets Manager, with the role (rules/keys.py)
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}
# Grants without a call, and what they are for.
WITHOUT_A_CALL = {("ExtractRole", "s3:ListBucket"): "S3 answers 404 instead of 403 for a file that is gone"}
ACCOUNT = {"Ref": "AWS::AccountId"}
# A managed policy of the account, by the name that the parameter gives.
BOUNDARY = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}"}


def no_wildcard_actions(stack: Stack) -> Iterator[str]:
    """`s3:*` grants more than anyone intended. In a Deny it is right."""
    for statement in _allowed(stack):
        for action in statement.actions:
            if "*" in action:
                yield f"{statement}: allows {action}"
        if not statement.actions:
            yield f"{statement}: allows everything except what it names"


def no_wildcard_resources(stack: Stack) -> Iterator[str]:
    """A grant names its resources. WILDCARD_RESOURCES lists the exceptions and their reasons."""
    for statement in _allowed(stack):
        is_exception = (statement.owner.logical_id, statement.sid) in WILDCARD_RESOURCES
        if not is_exception and (not statement.resources or "*" in statement.resources):
            yield f"{statement}: on every resource"


def functions_may_do_what_their_code_calls_and_nothing_else(stack: Stack) -> Iterator[str]:
    """A grant that nothing uses helps only somebody who breaks in. One that is missing shows only on AWS."""
    for function in stack.of_type("AWS::Lambda::Function"):
        role = stack.target(function.properties["Role"])
        if role is None:
            continue
        package = str(function.properties["Handler"]).partition(".")[0]
        granted = {action for statement in _allowed(stack) if statement.owner == role for action in statement.actions}
        explained = {action for owner, action in WITHOUT_A_CALL if owner == role.logical_id}
        called = actions_called(package)
        for action in sorted(granted - called - DONE_BY_LAMBDA - explained):
            yield f"{role.logical_id}: may do {action}, which src/{package} never calls"
        for action in sorted(called - granted):
            yield f"{role.logical_id}: may not do {action}, which src/{package} calls"


def roles_attach_no_managed_policies(stack: Stack) -> Iterator[str]:
    """A managed policy grants more than one role needs, and AWS changes it without notice."""
    for role in stack.of_type("AWS::IAM::Role"):
        if role.properties.get("ManagedPolicyArns"):
            yield f"{role.logical_id}: attaches managed policies"


def every_role_has_the_boundary(stack: Stack) -> Iterator[str]:
    """GitHub's deploy role may not create a role without it: the deploy would fail at the first one that lacks it."""
    wanted = "the parameter's policy" if stack.value("PermissionsBoundary") else None
    for role in stack.of_type("AWS::IAM::Role"):
        boundary = role.properties.get("PermissionsBoundary")
        found = "the parameter's policy" if boundary == BOUNDARY else boundary
        if found != wanted:
            yield f"{role.logical_id}: its boundary is {found}, not {wanted}"


def only_endpoints_admit_any_principal(stack: Stack) -> Iterator[str]:
    """An endpoint's policy only restricts its callers. Anywhere else, `*` lets everybody in."""
    for statement in _allowed(stack):
        if "*" in statement.principals and statement.owner.type != "AWS::EC2::VPCEndpoint":
            yield f"{statement}: allows anyone"


def services_act_for_this_account_only(stack: Stack) -> Iterator[str]:
    """Otherwise a bucket of any account could announce files to the queue (the "confused deputy")."""
    account = stack.text({"Ref": "AWS::AccountId"})
    for statement in _allowed(stack, "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"):
        if all(f"/AWSLogs/{account}/" in stack.text(resource) for resource in statement.resources):
            continue  # a balancer's own account is part of what it writes
        if "aws:SourceAccount" not in statement.conditions.get("StringEquals", {}):
            yield f"{statement}: not restricted to this account"
        is_topic = statement.owner.type == "AWS::SNS::TopicPolicy"
        if not is_topic and "aws:SourceArn" not in statement.conditions.get("ArnEquals", {}):
            yield f"{statement}: not restricted to one source"


def roles_trust_one_service_or_tagged_sessions(stack: Stack) -> Iterator[str]:
    """A role that more than one service may assume can do for the one what was granted for the other."""
    for role in stack.of_type("AWS::IAM::Role"):
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]:
            principal, condition = statement["Principal"], statement.get("Condition", {})
            kinds = set(principal) if isinstance(principal, dict) else {"everybody"}
            if kinds == {"AWS"} and any("aws:RequestTag/" in key for keys in condition.values() for key in keys):
                continue  # people of this account, as what the tag says
            if kinds != {"Service"}:
                yield f"{role.logical_id}: trusts {', '.join(sorted(kinds))}"
                continue
            services = principal["Service"] if isinstance(principal["Service"], list) else [principal["Service"]]
            if statement["Action"] != "sts:AssumeRole" or not set(services) <= TRUSTED_SERVICES.keys():
                yield f"{role.logical_id}: lets {', '.join(services)} do {statement['Action']}"
            if len({ONE_SERVICE.get(service, service) for service in services}) > 1:
                yield f"{role.logical_id}: trusts more than one service"
            needs_account = any(TRUSTED_SERVICES.get(service) for service in services)
            if needs_account and condition.get("StringEquals", {}).get("aws:SourceAccount") != ACCOUNT:
                yield f"{role.logical_id}: trusts {', '.join(services)} for every account"


def statements_name_what_they_are_about(stack: Stack) -> Iterator[str]:
    """NotAction, NotResource and NotPrincipal grant or deny what nobody has thought of, and what AWS adds next year."""
    for owner, statement in _statements_of_all_policies(stack):
        for element in sorted({"NotAction", "NotResource", "NotPrincipal"} & statement.keys()):
            yield f"{owner.logical_id}: has {element}"


def _statements_of_all_policies(stack: Stack) -> Iterator[tuple[Resource, Document]]:
    for resource in stack.resources.values():
        properties = resource.properties
        attached = [properties[name] for name in ("PolicyDocument", "AssumeRolePolicyDocument") if name in properties]
        for document in [*attached, *(policy["PolicyDocument"] for policy in properties.get("Policies", []))]:
            for statement in document["Statement"]:
                yield resource, statement


def buckets_and_queues_refuse_plain_http(stack: Stack) -> Iterator[str]:
    """Branch files hold card numbers, so they are never accepted over an unencrypted connection."""
    guarded = {
        (guard.logical_id, resource_pattern)
        for statement in stack.statements("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy")
        if _denies_plain_http(statement)
        for guard, resource_pattern in _guarded(stack, statement)
    }
    for bucket in stack.of_type("AWS::S3::Bucket"):
        if not {(bucket.logical_id, "itself"), (bucket.logical_id, "objects")} <= guarded:
            yield f"{bucket.logical_id}: accepts plain HTTP"
    for queue in stack.of_type("AWS::SQS::Queue"):
        if (queue.logical_id, "itself") not in guarded:
            yield f"{queue.logical_id}: accepts plain HTTP"


def topics_refuse_plain_http(stack: Stack) -> Iterator[str]:
    """A mail holds sales, or says what is broken."""
    guarded = {
        topic.logical_id
        for statement in stack.statements("AWS::SNS::TopicPolicy")
        if statement.effect == "Deny"
        and (statement.principals, statement.actions) == (("*",), ("sns:Publish",))
        and statement.conditions == {"Bool": {"aws:SecureTransport": "false"}}
        for topic in filter(None, map(stack.target, statement.resources))
        if topic in map(stack.target, statement.owner.properties["Topics"])
    }
    for topic in stack.of_type("AWS::SNS::Topic"):
        if topic.logical_id not in guarded:
            yield f"{topic.logical_id}: accepts plain HTTP"


def _allowed(stack: Stack, *types: str) -> Iterator[Statement]:
    return (statement for statement in stack.statements(*types) if statement.effect == "Allow")


def _denies_plain_http(statement: Statement) -> bool:
    return (
        statement.effect == "Deny"
        and statement.principals == ("*",)
        and statement.actions in {("s3:*",), ("sqs:*",)}
        and statement.conditions == {"Bool": {"aws:SecureTransport": "false"}}
    )


def _guarded(stack: Stack, statement: Statement) -> Iterator[tuple[Resource, str]]:
    """Yield the attached buckets and queues that a policy's statement covers, and which part of each."""
    properties = statement.owner.properties
    for reference in [properties.get("Bucket"), *properties.get("Queues", [])]:
        attached = stack.target(reference)
        if attached is None:
            continue
        for resource in statement.resources:
            if resource == {"Fn::GetAtt": [attached.logical_id, "Arn"]}:
                yield attached, "itself"
            elif resource == {"Fn::Sub": f"${{{attached.logical_id}.Arn}}/*"}:
                yield attached, "objects"
