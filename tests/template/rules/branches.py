"""House rules for the drop bucket: a branch puts its own files, head office puts others below its prefix."""

import re
from collections.abc import Iterator
from typing import Any

from shared.senders import HEAD_OFFICE_PREFIX
from template.stack import Resource, Stack

TAG = "${aws:PrincipalTag/branch}"
# The two layouts of a branch's key, each with the tag. `?` and `*` match slashes as well; shared/senders.py does not.
# The year's four signs before a slash keep a branch out of head-office/.
OWN_KEY = re.compile(
    re.escape(f"????/*/{TAG}_??-??-????_??-??-??*")
    + "|"
    + re.escape(f"????/*/????-??-??-{TAG}")
    + r"(\.csv|\(| |_till-)\*"
)
_STORAGE_CLASS = "s3:x-amz-storage-class"
_ENCRYPTION = "s3:x-amz-server-side-encryption"
_SENDERS_KEY = "s3:x-amz-server-side-encryption-customer-algorithm"
# What extract cannot read, and the condition that describes it. A key is absent if the request does not name it, and a
# negated operator holds for an absent key, so each condition says that the key is there.
UNREADABLE: dict[str, dict[str, Any]] = {
    "archived files": {"Null": {_STORAGE_CLASS: "false"}, "StringNotEquals": {_STORAGE_CLASS: "STANDARD"}},
    "files that only the sender can decrypt": {"Null": {_SENDERS_KEY: "false"}},
    "files under a KMS key": {"Null": {_ENCRYPTION: "false"}, "StringNotEquals": {_ENCRYPTION: "AES256"}},
}
# "For all values" holds for no tags as well, so the tag itself must be there.
NAMES_ITS_BRANCH = {
    "StringLike": {"aws:RequestTag/branch": "?*"},
    "ForAllValues:StringEquals": {"aws:TagKeys": "branch"},
}


def everyone_puts_files_under_keys_of_their_own(stack: Stack) -> Iterator[str]:
    """One pattern that is too wide lets a branch take away another's day (docs/decisions/aws.md)."""
    for bucket in _drop_buckets(stack):
        root = f"{stack.text({'Fn::GetAtt': [bucket.logical_id, 'Arn']})}/"
        for statement in stack.statements():
            puts = statement.effect == "Allow" and "s3:PutObject" in statement.actions
            for resource in map(stack.text, statement.resources if puts else ()):
                key = resource.removeprefix(root)
                if key != resource and not OWN_KEY.fullmatch(key) and key != f"{HEAD_OFFICE_PREFIX}*":
                    yield f"{statement}: allows {key}, which names neither its branch nor head office"


def the_drop_bucket_refuses_what_nobody_can_read(stack: Stack) -> Iterator[str]:
    """Extract would try such a file for 28 hours. A policy of the sender cannot refuse it: there are many senders."""
    for bucket in _drop_buckets(stack):
        refused = [
            statement.conditions
            for statement in stack.statements("AWS::S3::BucketPolicy")
            if stack.target(statement.owner.properties["Bucket"]) == bucket
            and (statement.effect, statement.principals, statement.actions) == ("Deny", ("*",), ("s3:PutObject",))
            and statement.resources == ({"Fn::Sub": f"${{{bucket.logical_id}.Arn}}/*"},)
        ]
        for what, condition in UNREADABLE.items():
            if condition not in refused:
                yield f"{bucket.logical_id}: accepts {what}"


def a_session_of_a_branch_names_one_branch(stack: Stack) -> Iterator[str]:
    """Without the tag, the session could put nothing; with other tags, it could be taken for somebody else."""
    for role in _roles_of_branches(stack):
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]:
            if set(statement["Action"]) != {"sts:AssumeRole", "sts:TagSession"}:
                yield f"{role.logical_id}: its sessions cannot have a tag"
            if statement.get("Condition") != NAMES_ITS_BRANCH:
                yield f"{role.logical_id}: its sessions need not name one branch"


def _drop_buckets(stack: Stack) -> Iterator[Resource]:
    return (bucket for bucket in stack.of_type("AWS::S3::Bucket") if "NotificationConfiguration" in bucket.properties)


def _roles_of_branches(stack: Stack) -> Iterator[Resource]:
    for policy in stack.of_type("AWS::IAM::ManagedPolicy"):
        for role in map(stack.target, policy.properties.get("Roles", [])):
            if role is not None:
                yield role
