"""House rules for the stack's own key: what is encrypted with it, and that exactly those who need it may use it.

A mistake here shows late or never: an alarm that nobody gets, a log that stays empty, a password that load cannot read.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from template.stack import ACCOUNT, REGION, Resource, Stack, Statement, as_list, read_statement

KEY = "AWS::KMS::Key"
# The types whose every resource has the key, and the property that names it. Of the topics, those that alarms notify.
ENCRYPTED = {"AWS::Logs::LogGroup": "KmsKeyId", "AWS::SecretsManager::Secret": "KmsKeyId"}
TOPIC_KEY = "KmsMasterKeyId"
LOGS, ALARMS = f"logs.{REGION}.amazonaws.com", "cloudwatch.amazonaws.com"
SECRETS = f"secretsmanager.{REGION}.amazonaws.com"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
# Whom the key's policy admits to what: AWS KMS guide, "Default key policy"; CloudWatch Logs guide, "Encrypt log data in
# CloudWatch Logs using AWS KMS"; SNS guide, "Enable compatibility between event sources from AWS services and encrypted
# topics".
ADMITTED = {
    ROOT: {"kms:*"},
    LOGS: {"kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
    ALARMS: {"kms:Decrypt", "kms:GenerateDataKey*"},
}
# What a role needs of the key for an action of its own, and through which service (Secrets Manager guide, "Permissions
# for the KMS key"; AWS's managed policy CloudWatchLogsAPIKeyAccess).
NEEDED = {
    "secretsmanager:GetSecretValue": (SECRETS, {"kms:Decrypt"}),
    "logs:PutLogEvents": (LOGS, {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}),
}
LONGEST_WINDOW_DAYS = 30
ANOTHER_ENVIRONMENT = "other"


def logs_passwords_and_alarms_have_the_key(stack: Stack) -> Iterator[str]:
    """One of them without the key is encrypted with a key of AWS, and our policy decides nothing."""
    for resource in _encrypted(stack):
        if _key_of(stack, resource) is None:
            yield f"{resource.logical_id}: does not have the key"


def the_key_rotates_and_its_deletion_can_be_undone(stack: Stack) -> Iterator[str]:
    """A key that is gone takes all with it that was encrypted with it."""
    for key in stack.of_type(KEY):
        if key.properties.get("EnableKeyRotation") is not True:
            yield f"{key.logical_id}: does not rotate"
        if key.properties.get("PendingWindowInDays", LONGEST_WINDOW_DAYS) != LONGEST_WINDOW_DAYS:
            yield f"{key.logical_id}: is deleted within less than {LONGEST_WINDOW_DAYS} days"
        if key.properties.get("Enabled") is False:
            yield f"{key.logical_id}: is disabled"


def the_key_admits_its_services_and_nobody_else(stack: Stack) -> Iterator[str]:
    """The actions are those of AWS's documents, and the conditions leave only what this environment has."""
    for key in stack.of_type(KEY):
        admitted = dict[str, set[str]]()
        for statement in _policy_of(key):
            for principal in statement.principals:
                admitted.setdefault(stack.text(principal), set()).update(statement.actions)
            for problem in _too_wide_or_too_narrow(stack, statement):
                yield f"{key.logical_id}: {statement.sid} {problem}"
        for principal in sorted(admitted.keys() | ADMITTED.keys()):
            found, wanted = admitted.get(principal, set()), ADMITTED.get(principal, set())
            if found != wanted:
                yield f"{key.logical_id}: admits {principal} to {sorted(found)}, not to {sorted(wanted)}"


def who_needs_the_key_may_use_it(stack: Stack) -> Iterator[str]:
    """Permission to read a password or to write a log is not enough: the service asks the key in the role's name."""
    for role in stack.of_type("AWS::IAM::Role"):
        statements = [statement for statement in stack.statements("AWS::IAM::Role") if statement.owner == role]
        for action, (service, wanted) in NEEDED.items():
            needs_it = any(action in statement.actions for statement in statements)
            granted = {
                use for statement in statements if _via(stack, statement) == service for use in statement.actions
            }
            if needs_it and not wanted <= granted:
                yield f"{role.logical_id}: may do {action}, and not {', '.join(sorted(wanted - granted))}"


def roles_use_the_key_through_a_service_only(stack: Stack) -> Iterator[str]:
    """Directly, a role could decrypt what it was never meant to read."""
    for statement in stack.statements("AWS::IAM::Role"):
        uses = [action for action in statement.actions if action.startswith("kms:")]
        if statement.effect == "Allow" and uses and _via(stack, statement) not in {LOGS, SECRETS}:
            yield f"{statement}: {', '.join(uses)} directly"


def _encrypted(stack: Stack) -> Iterator[Resource]:
    yield from stack.of_type(*ENCRYPTED)
    yield from stack.notified_topics()


def _key_of(stack: Stack, resource: Resource) -> Resource | None:
    """Return the key of a resource; None if it has none of this stack. Logs and secrets want its ARN."""
    named = resource.properties.get(ENCRYPTED.get(resource.type, TOPIC_KEY))
    key = stack.target(named)
    return key if key and key.type == KEY and named == {"Fn::GetAtt": [key.logical_id, "Arn"]} else None


def _policy_of(key: Resource) -> Iterator[Statement]:
    for statement in as_list(key.properties["KeyPolicy"]["Statement"]):
        yield read_statement(key, statement)


def _via(stack: Stack, statement: Statement) -> str:
    return stack.text(statement.conditions.get("StringEquals", {}).get("kms:ViaService", ""))


def _too_wide_or_too_narrow(stack: Stack, statement: Statement) -> Iterator[str]:
    """Yield what a statement's condition leaves out of what is there, or admits beside it."""
    [principal, *more] = map(stack.text, statement.principals)
    equal, like = (statement.conditions.get(operator, {}) for operator in ("StringEquals", "ArnLike"))
    if more or statement.effect != "Allow" or set(statement.conditions) - {"StringEquals", "ArnLike"}:
        yield "is not one principal, allowed by conditions that this rule can read"
    if principal == LOGS:
        groups = [group.properties["LogGroupName"] for group in stack.of_type("AWS::Logs::LogGroup")]
        there = [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{stack.text(name)}" for name in groups]
        yield from _compared(stack, there, like.get("kms:EncryptionContext:aws:logs:arn"))
    if principal == ALARMS:
        alarms = [alarm.properties["AlarmName"] for alarm in stack.of_type("AWS::CloudWatch::Alarm")]
        there = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{stack.text(name)}" for name in alarms]
        yield from _compared(stack, there, like.get("aws:SourceArn"))
        if equal.get("aws:SourceAccount") != {"Ref": "AWS::AccountId"}:
            yield "is not restricted to this account"


def _compared(stack: Stack, there: list[str], patterns: Any) -> Iterator[str]:
    """Compare what is there with patterns. Of another environment, account or region, they must admit nothing."""
    listed = [stack.text(pattern) for pattern in as_list(patterns or [])]
    own = stack.value("Environment")
    for arn in there:
        if not _admits(listed, arn):
            yield f"does not admit {arn}"
        others = {
            arn.replace(f"cafe-{own}", f"cafe-{ANOTHER_ENVIRONMENT}").replace(
                f"/cafe/{own}/", f"/{ANOTHER_ENVIRONMENT}/"
            ),
            arn.replace(ACCOUNT, "999999999999"),
            arn.replace(REGION, "us-east-1"),
        }
        for other in sorted(others):
            if _admits(listed, other):
                yield f"admits {other}"


def _admits(patterns: list[str], arn: str) -> bool:
    return any(fnmatchcase(arn, pattern) for pattern in patterns)
