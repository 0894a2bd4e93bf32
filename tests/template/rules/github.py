"""House rules for .github/github-oidc.yaml: who may deploy from GitHub, and what that role may do."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

from shared.senders import SMOKE_PREFIX
from template.schemas import schema_of
from template.stack import Stack, Statement, read_source

BOUNDARY = {"Ref": "StackBoundary"}
# Each of these can give a role more than it has.
BOUNDED_ACTIONS = {
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
}
FREEING_ACTIONS = {"iam:DeleteRolePermissionsBoundary", "iam:SetDefaultPolicyVersion", "iam:CreateUser"}
# What AWS's schemas list for properties that template.yaml does not set, and why the role does without.
NOT_NEEDED = {
    "cognito-idp:*": "no listener signs anybody in",
    "ec2:CreateVpcEncryptionControl": "the VPC states no encryption control",
    "ec2:AttachVolume": "the host's only disk comes with it",
    "ec2:DetachVolume": "the host's only disk goes with it",
    "ec2:AttachVpnGateway": "no VPN",
    "ec2:DetachVpnGateway": "no VPN",
    "ec2:ModifyVpcTenancy": "the default tenancy",
    "elasticfilesystem:*": "no file system",
    "firehose:*": "log groups deliver nowhere",
    "iam:*GroupPolicy": "no groups",
    "iam:*UserPolicy": "no users",
    "iam:DeleteRolePermissionsBoundary": "no role of the stack may lose its boundary",
    "kms:*Grant*": "nothing of the stack works by grants",
    "kms:CancelKeyDeletion": "a person saves a key, not a deploy",
    "kms:GenerateDataKeyPair": "the namespace has AWS's own key",
    "lambda:AssociateRuntimeAlias": "the schema's own; no such action of a customer",
    "lambda:PassCapacityProvider": "no capacity provider",
    "logs:*DataProtectionPolicy": "no data protection policy",
    "logs:*IndexPolicy": "no index policy",
    "logs:*ResourcePolicy": "no resource policy",
    "logs:CreateLogDelivery": "log groups deliver nowhere",
    "logs:PutBearerTokenAuthentication": "no bearer tokens",
    "logs:PutLogGroupDeletionProtection": "no deletion protection",
    "redshift-serverless:*SnapshotCopyConfiguration": "snapshots stay in their region",
    "redshift-serverless:RestoreFrom*": "a person restores, not a deploy",
    "redshift:DeleteResourcePolicy": "no resource policy",
    "redshift:PutResourcePolicy": "no resource policy",
    "s3:*MetadataTableConfiguration": "no metadata tables",
    "s3:PutObjectAcl": "access lists are off",
    "s3:REST.PUT.OBJECT": "the schema's own; no such action",
    "s3:UpdateBucketMetadata*": "no metadata tables",
    "s3files:*": "no file system",
    "s3tables:*": "no table buckets",
    "secretsmanager:RemoveRegionsFromReplication": "secrets stay in their region",
    "secretsmanager:ReplicateSecretToRegions": "secrets stay in their region",
    "secretsmanager:RotateSecret": "no rotation",
    "ssm:*Association*": "the host has no association",
    "vpc-lattice:*": "no service network",
    "vpce:*": "endpoints of this region only",
}
# What gives nobody access to a key: CloudFormation reads it, and an alias is only a name.
HARMLESS_FOR_KEYS = {
    "kms:CreateAlias",
    "kms:DescribeKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListKeys",
    "kms:ListResourceTags",
}
BY_CLOUDFORMATION = {"aws:CalledVia": "cloudformation.amazonaws.com"}
# How the Data API's answers are fetched.
STATEMENT_CALLS = ("CancelStatement", "DescribeStatement", "GetStatementResult")
# What shows a change set, and changes nothing that runs.
PLAN_ACTIONS = {
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:TagResource",
    "cloudformation:ValidateTemplate",
    "s3:GetObject",
    "s3:PutObject",
    "ssm:GetParameters",
}
# The ARN of a resource of each type that the role reaches by its ARN, as CloudFormation names it.
_HERE = "eu-west-2:123456789012"
ARNS = {
    "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{_HERE}:alarm:cafe-dev-load-slow",
    "AWS::CloudWatch::Dashboard": "arn:aws:cloudwatch::123456789012:dashboard/cafe-dev",
    "AWS::EC2::Instance": f"arn:aws:ec2:{_HERE}:instance/i-1",
    "AWS::EC2::VPCEndpoint": f"arn:aws:ec2:{_HERE}:vpc-endpoint/vpce-1",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": f"arn:aws:elasticloadbalancing:{_HERE}:loadbalancer/app/cafe-d-1/1",
    "AWS::IAM::InstanceProfile": "arn:aws:iam::123456789012:instance-profile/cafe-dev-GrafanaHostProfile-1",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::123456789012:policy/cafe-dev-BranchUploadPolicy-1",
    "AWS::IAM::Role": "arn:aws:iam::123456789012:role/cafe-dev-LoadRole-1",
    "AWS::KMS::Alias": f"arn:aws:kms:{_HERE}:alias/cafe-dev",
    "AWS::KMS::Key": f"arn:aws:kms:{_HERE}:key/1-2-3",
    "AWS::Lambda::EventSourceMapping": f"arn:aws:lambda:{_HERE}:event-source-mapping:1-2-3",
    "AWS::Lambda::Function": f"arn:aws:lambda:{_HERE}:function:cafe-dev-LoadFunction-1",
    "AWS::Lambda::LayerVersion": f"arn:aws:lambda:{_HERE}:layer:SharedLayer:1",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_HERE}:log-group:/cafe/dev/load",
    "AWS::RedshiftServerless::Namespace": f"arn:aws:redshift-serverless:{_HERE}:namespace/1",
    "AWS::RedshiftServerless::Workgroup": f"arn:aws:redshift-serverless:{_HERE}:workgroup/1",
    "AWS::S3::Bucket": "arn:aws:s3:::cafe-dev-drop-123456789012",
    "AWS::S3::BucketPolicy": "arn:aws:s3:::cafe-dev-drop-123456789012",
    "AWS::SNS::Topic": f"arn:aws:sns:{_HERE}:cafe-dev-AlarmTopic-1",
    "AWS::SNS::TopicPolicy": f"arn:aws:sns:{_HERE}:cafe-dev-AlarmTopic-1",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_HERE}:cafe-dev-ArrivalsQueue-1",
    "AWS::SQS::QueuePolicy": f"arn:aws:sqs:{_HERE}:cafe-dev-ArrivalsQueue-1",
    "AWS::SSM::Parameter": f"arn:aws:ssm:{_HERE}:parameter/cafe/dev/load/queue/url",
    "AWS::Scheduler::Schedule": f"arn:aws:scheduler:{_HERE}:schedule/cafe-dev-check/cafe-dev-WarehouseCheckSchedule-1",
    "AWS::Scheduler::ScheduleGroup": f"arn:aws:scheduler:{_HERE}:schedule-group/cafe-dev-check",
    "AWS::SecretsManager::Secret": f"arn:aws:secretsmanager:{_HERE}:secret:cafe-dev/warehouse-AbCdEf",
}
# Actions in a type's schema whose resource is of another type.
OF_ANOTHER_TYPE = {
    ("AWS::IAM::InstanceProfile", "iam:PassRole"),
    ("AWS::IAM::ManagedPolicy", "iam:AttachRolePolicy"),
    ("AWS::IAM::ManagedPolicy", "iam:DetachRolePolicy"),
    ("AWS::S3::Bucket", "s3:DeleteObject"),
}
# What a service asks of the caller beside its own action, which no schema lists: Service Authorization Reference,
# "Dependent actions" of ec2:CreateVpcEndpoint with private DNS; seen in hasura/ddn-docs#1075.
DEPENDENT_ACTIONS = {"AWS::EC2::VPCEndpoint": "route53:AssociateVPCWithHostedZone"}
# The longest managed policy that IAM stores, without white space (IAM guide, IAM and AWS STS quotas).
MAX_POLICY_CHARACTERS = 6144


def only_jobs_of_one_environment_may_deploy(stack: Stack) -> Iterator[str]:
    """With a wildcard in `sub`, or without it, any branch or fork could; without `aud`, a token for somebody else."""
    for role in stack.of_type("AWS::IAM::Role"):
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]:
            exact = statement.get("Condition", {}).get("StringEquals", {})
            subject = stack.text(exact.get("token.actions.githubusercontent.com:sub", ""))
            if set(statement.get("Condition", {})) != {"StringEquals"}:
                yield f"{role.logical_id}: trusts by something else than equality"
            suffix = "-plan" if role.logical_id == "PlanRole" else ""
            if not re.fullmatch(rf"repo:[\w-]+/[\w.-]+:environment:(dev|prod){suffix}", subject):
                yield f"{role.logical_id}: trusts {subject or 'every repository'}"
            if exact.get("token.actions.githubusercontent.com:aud") != "sts.amazonaws.com":
                yield f"{role.logical_id}: accepts tokens that are not for AWS"
            if statement["Action"] != "sts:AssumeRoleWithWebIdentity":
                yield f"{role.logical_id}: may be assumed by {statement['Action']}"


def a_repository_has_no_wildcard(stack: Stack) -> Iterator[str]:
    """The parameter becomes part of `sub`."""
    pattern = stack.parameters["GitHubRepository"].get("AllowedPattern", ".*")
    for repository in ("*/*", "owner/*", "owner", "owner/name:*", "owner/name:ref:refs/heads/main", "o?/n"):
        if re.fullmatch(pattern, repository):
            yield f"GitHubRepository: accepts {repository}"


def roles_are_created_inside_the_boundary(stack: Stack) -> Iterator[str]:
    """Otherwise the role could create one that may do everything, and use it."""
    for statement in _granted(stack):
        for action in sorted(BOUNDED_ACTIONS):
            boundary = statement.conditions.get("StringEquals", {}).get("iam:PermissionsBoundary")
            if _covers(statement, action) and boundary != BOUNDARY:
                yield f"{statement}: {action} without the boundary"
        for action in sorted(FREEING_ACTIONS):
            if _covers(statement, action):
                yield f"{statement}: {action} would undo the boundary"


def the_role_cannot_change_itself(stack: Stack) -> Iterator[str]:
    """What it may change in IAM has other names than its own role and policies."""
    roles = [role.properties["RoleName"] for role in stack.of_type("AWS::IAM::Role")]
    policies = [policy.properties["ManagedPolicyName"] for policy in stack.of_type("AWS::IAM::ManagedPolicy")]
    own = [f"role/{_filled(name)}" for name in roles] + [f"policy/{_filled(name)}" for name in policies]
    for statement in _granted(stack):
        changes = [action for action in statement.actions if re.match(r"iam:(?!List|Get)", action)]
        for resource in statement.resources if changes else ():
            for name in own:
                if fnmatchcase(f"arn:aws:iam::123456789012:{name}", _filled(resource)):
                    yield f"{statement}: may change {name}"


def roles_go_to_their_services_only(stack: Stack) -> Iterator[str]:
    """PassRole and service-linked roles name the services."""
    keys = {"iam:PassRole": "iam:PassedToService", "iam:CreateServiceLinkedRole": "iam:AWSServiceName"}
    for statement in _granted(stack):
        for action, key in keys.items():
            if _covers(statement, action) and key not in statement.conditions.get("StringEquals", {}):
                yield f"{statement}: {action} for any service"


def branch_files_stay_unread(stack: Stack) -> Iterator[str]:
    """Who deploys needs no card number, and no list of who sent what: no object of these buckets.

    The file of a smoke test may be put, since extract admits no real café in it, and neither read nor deleted.
    """
    for statement in _granted(stack):
        for bucket in ("access-log", "drop", "staging"):
            for key in ("a.csv", "head-office/a.csv", f"{SMOKE_PREFIX}a.csv"):
                verbs = (
                    ("Get", "Delete") if (bucket, key) == ("drop", f"{SMOKE_PREFIX}a.csv") else ("Get", "Put", "Delete")
                )
                arn = f"arn:aws:s3:::cafe-dev-{bucket}-123456789012/{key}"
                if any(_allows([statement], f"s3:{verb}Object", arn) for verb in verbs):
                    yield f"{statement}: reaches the files of {bucket}"


def the_role_may_run_a_smoke_test(stack: Stack) -> Iterator[str]:
    """What `cafe smoke` calls: the facts, the bucket, the password, the Data API, and load, which retracts."""
    statements = list(_of_role(stack, "DeployRole"))
    smoke_file = f"arn:aws:s3:::cafe-dev-drop-123456789012/{SMOKE_PREFIX}2026-11-27_a.csv"
    calls = {
        ("s3:PutObject", smoke_file),
        ("redshift-data:ExecuteStatement", ARNS["AWS::RedshiftServerless::Workgroup"]),
        ("secretsmanager:GetSecretValue", ARNS["AWS::SecretsManager::Secret"]),
        ("lambda:InvokeFunction", ARNS["AWS::Lambda::Function"]),
        ("ssm:GetParametersByPath", f"arn:aws:ssm:{_HERE}:parameter/cafe/dev"),
        *((f"redshift-data:{name}", "*") for name in STATEMENT_CALLS),
    }
    for action, arn in sorted(calls):
        if not _allows(statements, action, arn):
            yield f"{action} is not allowed on {arn}"


def nobody_reads_the_statements_of_others(stack: Stack) -> Iterator[str]:
    """These calls accept no resource. Without the condition, they reach what Grafana's host has asked."""
    for statement in _granted(stack):
        for name in STATEMENT_CALLS:
            owner = statement.conditions.get("StringEquals", {}).get("redshift-data:statement-owner-iam-userid")
            if _covers(statement, f"redshift-data:{name}") and owner != "${aws:userid}":
                yield f"{statement}: {name} of any statement"


def keys_of_others_stay_as_they_are(stack: Stack) -> Iterator[str]:
    """An account has one key or many, and their policies leave the decision to IAM.

    A key is changed only with the stack's tag, tagged only by CloudFormation, and used only through a service.
    """
    tag = stack.value("Environment")
    for statement in _granted(stack):
        equal = statement.conditions.get("StringEquals", {})
        is_own = equal.get("aws:ResourceTag/cafe") == tag
        is_new = (
            equal.get("aws:RequestTag/cafe") == tag
            and statement.conditions.get("ForAnyValue:StringEquals") == BY_CLOUDFORMATION
        )
        if all(":alias/" in _filled(resource) for resource in statement.resources):
            continue
        for action in sorted(set(statement.actions) - HARMLESS_FOR_KEYS):
            if action.startswith("kms:") and not (is_own or is_new or "kms:ViaService" in equal):
                yield f"{statement}: {action} of any key"


def who_plans_changes_nothing(stack: Stack) -> Iterator[str]:
    """Nobody approves a plan. So its role creates change sets, uploads their code, and reads what they need."""
    for statement in _of_role(stack, "PlanRole"):
        for action in statement.actions:
            if action not in PLAN_ACTIONS:
                yield f"{statement}: {action}"


def the_role_can_deploy_every_type(stack: Stack) -> Iterator[str]:
    """What CloudFormation calls for each type of template.yaml, by the type's schema. NOT_NEEDED has the exceptions."""
    statements = list(_of_role(stack, "DeployRole"))
    for kind in sorted({resource.type for resource in _deployed().resources.values()}):
        handlers = schema_of(kind)["handlers"].values()
        for action in sorted({action for handler in handlers for action in handler["permissions"]}):
            needed = not any(fnmatchcase(action, pattern) for pattern in NOT_NEEDED)
            if needed and not any(_covers(statement, action) for statement in statements):
                yield f"{kind}: {action} is not allowed"


def the_role_reaches_each_resource(stack: Stack) -> Iterator[str]:
    """An action on other resources only is none. The stack's tags need actions too, which a handler may not list."""
    statements = list(_of_role(stack, "DeployRole"))
    for kind in sorted(ARNS.keys() & {resource.type for resource in _deployed().resources.values()}):
        schema, arn = schema_of(kind), ARNS[kind]
        listed = [handler["permissions"] for handler in schema["handlers"].values()]
        listed.append(schema.get("tagging", {}).get("permissions", []))
        for action in sorted({action for actions in listed for action in actions}):
            is_its_own = action.split(":")[0] == arn.split(":")[2] and (kind, action) not in OF_ANOTHER_TYPE
            needed = is_its_own and not any(fnmatchcase(action, pattern) for pattern in NOT_NEEDED)
            if needed and not _allows(statements, action, arn):
                yield f"{kind}: {action} is not allowed on {arn}"


def the_role_may_make_every_bucket(stack: Stack) -> Iterator[str]:
    """Buckets are named one by one: a pattern would also cover the objects in them."""
    statements, deployed = list(_of_role(stack, "DeployRole")), _deployed()
    for bucket in deployed.of_type("AWS::S3::Bucket"):
        if not _allows(statements, "s3:CreateBucket", deployed.text({"Fn::GetAtt": [bucket.logical_id, "Arn"]})):
            yield f"{bucket.logical_id}: the role may not make it"


def the_role_may_do_what_services_ask_in_turn(stack: Stack) -> Iterator[str]:
    """EC2 asks Route 53 in another region than the stack's, so a condition on the region would refuse it."""
    for kind in sorted(DEPENDENT_ACTIONS.keys() & {resource.type for resource in _deployed().resources.values()}):
        action = DEPENDENT_ACTIONS[kind]
        statements = [statement for statement in _of_role(stack, "DeployRole") if _covers(statement, action)]
        if not any(not statement.conditions for statement in statements):
            yield f"{kind}: {action} is not allowed everywhere"


def the_role_may_list_the_facts(stack: Stack) -> Iterator[str]:
    """GetParametersByPath is compared with the path of the request. No document says whether its last slash counts."""
    statements = list(_of_role(stack, "DeployRole"))
    for path in ("/cafe/dev", "/cafe/dev/"):
        if not _allows(statements, "ssm:GetParametersByPath", f"arn:aws:ssm:{_HERE}:parameter{path}"):
            yield f"GetParametersByPath: is not allowed on {path}"


def the_boundary_admits_what_the_stack_grants(stack: Stack) -> Iterator[str]:
    """A grant outside the boundary is none: the function would be refused, on AWS only."""
    boundary = [statement for statement in stack.statements() if statement.owner.logical_id == "StackBoundary"]
    deployed = _deployed()
    for grant in deployed.statements("AWS::IAM::Role"):
        for action in grant.actions:
            admitting = [statement for statement in boundary if _covers(statement, action)]
            if not admitting:
                yield f"StackBoundary: {grant} needs {action}"
            for resource in grant.resources:
                target, arn = deployed.target(resource), deployed.text(resource)
                if target and not action.startswith("s3:"):
                    arn = ARNS[target.type]  # a bucket's own name is in the template, other names CloudFormation makes
                if not _allows(admitting, action, arn):
                    yield f"StackBoundary: {grant} needs {arn}"
    for statement in boundary:
        for action in statement.actions:
            if action.split(":")[0] in {"iam", "sts", "organizations"} or "*" in action:
                yield f"StackBoundary: {action} leads out of it"


def policies_fit_into_iam(stack: Stack) -> Iterator[str]:
    """A managed policy that is too long is refused at the deploy."""
    for policy in stack.of_type("AWS::IAM::ManagedPolicy"):
        document = _filled({"Fn::Sub": json.dumps(policy.properties["PolicyDocument"], separators=(",", ":"))})
        if len(document) > MAX_POLICY_CHARACTERS:
            yield f"{policy.logical_id}: {len(document)} characters"


@cache
def _deployed() -> Stack:
    return Stack(read_source(), {"BalancerCertificateArn": "a certificate"})


def _granted(stack: Stack) -> Iterator[Statement]:
    """Yield the statements of all roles that GitHub's jobs assume."""
    for role in stack.of_type("AWS::IAM::Role"):
        yield from _of_role(stack, role.logical_id)


def _of_role(stack: Stack, logical_id: str) -> Iterator[Statement]:
    names = {reference["Ref"] for reference in stack.resources[logical_id].properties["ManagedPolicyArns"]}
    return (statement for statement in stack.statements() if statement.owner.logical_id in names)


def _covers(statement: Statement, action: str) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in statement.actions)


def _allows(statements: list[Statement], action: str, arn: str) -> bool:
    return any(
        _covers(statement, action) and any(fnmatchcase(arn, _filled(resource)) for resource in statement.resources)
        for statement in statements
    )


def _filled(value: object) -> str:
    """Fill in CloudFormation's variables of a text, for dev in the tests' account and region. IAM's own stay."""
    text = str(value["Fn::Sub"] if isinstance(value, dict) else value)
    values = {
        "AWS::Partition": "aws",
        "AWS::Region": "eu-west-2",
        "AWS::AccountId": "123456789012",
        "Environment": "dev",
    }
    return re.sub(r"\$\{([\w:]+)\}", lambda found: found[0] if found[1].startswith("aws:") else values[found[1]], text)
