"""House rules for who may do what: exact actions on exact resources, over TLS, for nobody else's principals."""

from collections.abc import Iterator

from template.stack import Resource, Stack, Statement

# Where AWS itself asks for `*`, and why that opens nothing.
WILDCARD_RESOURCES = {
    ("LoadRole", "AttachToVpc"): "Lambda checks for these grants on `*`; the function has no route to EC2's API",
    ("GrafanaHostRole", "FollowOwnStatements"): "they know no resource; a condition leaves the host's own statements",
    ("GrafanaHostRole", "ReadMetrics"): "CloudWatch knows no resource for reading metrics",
    (
        "GrafanaHostRole",
        "AdmitSessionManager",
    ): "channels have no resource; the host is made with this role, not before",
}


def no_wildcard_actions(stack: Stack) -> Iterator[str]:
    """`s3:*` grants what nobody thought of. In a Deny it is what is meant."""
    for statement in _allowed(stack):
        for action in statement.actions:
            if "*" in action:
                yield f"{statement}: allows {action}"
        if not statement.actions:
            yield f"{statement}: allows all but what it names"


def no_wildcard_resources(stack: Stack) -> Iterator[str]:
    """A grant names what it is for; the exceptions are listed with their reasons."""
    for statement in _allowed(stack):
        reasoned = (statement.owner.logical_id, statement.sid) in WILDCARD_RESOURCES
        if not reasoned and (not statement.resources or "*" in statement.resources):
            yield f"{statement}: on every resource"


def roles_attach_no_managed_policies(stack: Stack) -> Iterator[str]:
    """A managed policy is written for everyone, and changes without notice."""
    for role in stack.of_type("AWS::IAM::Role"):
        if role.properties.get("ManagedPolicyArns"):
            yield f"{role.logical_id}: attaches managed policies"


def only_endpoints_admit_any_principal(stack: Stack) -> Iterator[str]:
    """An endpoint's policy narrows what callers already have; anywhere else `*` is the whole world."""
    for statement in _allowed(stack):
        if "*" in statement.principals and statement.owner.type != "AWS::EC2::VPCEndpoint":
            yield f"{statement}: allows anyone"


def services_act_for_this_account_only(stack: Stack) -> Iterator[str]:
    """Else a bucket of any account can announce files to our queue: the confused deputy."""
    for statement in _allowed(stack, "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"):
        if "aws:SourceAccount" not in statement.conditions.get("StringEquals", {}):
            yield f"{statement}: not bound to this account"
    for statement in _allowed(stack, "AWS::SQS::QueuePolicy"):
        if "aws:SourceArn" not in statement.conditions.get("ArnEquals", {}):
            yield f"{statement}: not bound to one source"


def buckets_and_queues_refuse_plain_http(stack: Stack) -> Iterator[str]:
    """Branch files hold card numbers; there is no reason to accept them unencrypted on the way."""
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
    """Name what a policy's statement covers, of the buckets and queues that the policy is attached to."""
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
