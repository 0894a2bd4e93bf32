"""House rules for what stores data: encrypted, private, deleted in time, and kept if the stack is deleted."""

from collections.abc import Iterator

from template.stack import Stack

STATEFUL_TYPES = (
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::RedshiftServerless::Namespace",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)


def buckets_are_encrypted(stack: Stack) -> Iterator[str]:
    """Encryption is stated, as for the queues."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        rules = bucket.properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
        if not any("ServerSideEncryptionByDefault" in rule for rule in rules):
            yield f"{bucket.logical_id}: not encrypted"


def topics_are_encrypted(stack: Stack) -> Iterator[str]:
    """SNS keeps a message until it is delivered. Which key an alarm's topic has is held by rules/keys.py."""
    for topic in stack.of_type("AWS::SNS::Topic"):
        if not topic.properties.get("KmsMasterKeyId"):
            yield f"{topic.logical_id}: not encrypted"


def buckets_are_private(stack: Stack) -> Iterator[str]:
    """Nobody can later allow access lists or a public policy by mistake."""
    blocks = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    for bucket in stack.of_type("AWS::S3::Bucket"):
        blocked = bucket.properties.get("PublicAccessBlockConfiguration", {})
        missing = [block for block in blocks if blocked.get(block) is not True]
        if missing:
            yield f"{bucket.logical_id}: lacks {', '.join(missing)}"
        ownership = bucket.properties.get("OwnershipControls", {}).get("Rules", [])
        if ownership != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            yield f"{bucket.logical_id}: access lists are enabled"


def buckets_have_versions(stack: Stack) -> Iterator[str]:
    """What is overwritten or deleted by mistake can be read for a day longer."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        if bucket.properties.get("VersioningConfiguration", {}).get("Status") != "Enabled":
            yield f"{bucket.logical_id}: has no versions"


def versions_and_broken_uploads_expire(stack: Stack) -> Iterator[str]:
    """Hidden versions and parts of broken uploads are data too, and are billed."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        rules = bucket.properties.get("LifecycleConfiguration", {}).get("Rules", [])
        needed = {"AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration", "ExpiredObjectDeleteMarker"}
        kept = needed - {key for rule in rules if rule["Status"] == "Enabled" for key in rule}
        if kept:
            yield f"{bucket.logical_id}: no {', '.join(sorted(kept))}"


def what_holds_data_outlives_the_stack(stack: Stack) -> Iterator[str]:
    """Deleting a stack, or renaming a resource in it, must not delete a year of sales, nor the key to a password."""
    for resource in stack.of_type(*STATEFUL_TYPES):
        if resource.attributes.get("DeletionPolicy") not in ("Retain", "RetainExceptOnCreate"):
            yield f"{resource.logical_id}: deleted with the stack"
        if resource.attributes.get("UpdateReplacePolicy") != "Retain":
            yield f"{resource.logical_id}: deleted when replaced"


def exported_logs_expire(stack: Stack) -> Iterator[str]:
    """Redshift creates a group that keeps its lines for ever, unless one of that name exists.

    The names: Redshift Management Guide, "Audit logging for Amazon Redshift Serverless".
    """
    groups = {
        stack.text(group.properties["LogGroupName"]): group
        for group in stack.of_type("AWS::Logs::LogGroup")
        if "RetentionInDays" in group.properties
    }
    for namespace in stack.of_type("AWS::RedshiftServerless::Namespace"):
        name = stack.text(namespace.properties["NamespaceName"])
        for log in namespace.properties.get("LogExports", []):
            group = groups.get(f"/aws/redshift/{name}/{log}")
            if group is None:
                yield f"{namespace.logical_id}: its {log} has no log group that expires"
            elif group.logical_id not in namespace.attributes.get("DependsOn", []):
                yield f"{namespace.logical_id}: is created before {group.logical_id}"


def passwords_come_from_the_secret(stack: Stack) -> Iterator[str]:
    """A password in a template or a parameter appears in every change set and in the repository's history."""
    for namespace in stack.of_type("AWS::RedshiftServerless::Namespace"):
        password = str(namespace.properties.get("AdminUserPassword", ""))
        if "{{resolve:secretsmanager:" not in password:
            yield f"{namespace.logical_id}: its password is not resolved from Secrets Manager"
    for secret in stack.of_type("AWS::SecretsManager::Secret"):
        if "SecretString" in secret.properties:
            yield f"{secret.logical_id}: its value is written in the template"
