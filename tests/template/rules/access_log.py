"""House rules for the access log: what outsiders write into is logged, and nothing but S3 writes the log."""

from collections.abc import Iterator

from template.stack import Resource, Stack

DELIVERY = "logging.s3.amazonaws.com"
# As long as Redshift's own logs (docs/privacy.md).
LOG_DAYS = 90


def what_outsiders_write_into_has_an_access_log(stack: Stack) -> Iterator[str]:
    """Branches are people outside the data team. Who sent what, and who tried, must be known afterwards."""
    for bucket in _open_to_outsiders(stack):
        logged = bucket.properties.get("LoggingConfiguration", {})
        log = stack.target(logged.get("DestinationBucketName"))
        if log is None or log == bucket:
            yield f"{bucket.logical_id}: no access log in a bucket of its own"
        elif "PartitionedPrefix" not in logged.get("TargetObjectKeyFormat", {}):
            yield f"{bucket.logical_id}: its access log is not ordered by day"


def logs_are_delivered_for_one_bucket_and_by_nobody_else(stack: Stack) -> Iterator[str]:
    """S3 delivers nothing without this, and says nothing. With more, a log could be forged."""
    for bucket in _logged(stack):
        logged = bucket.properties["LoggingConfiguration"]
        log = stack.target(logged["DestinationBucketName"])
        if log is None:
            continue
        arn = stack.text({"Fn::GetAtt": [log.logical_id, "Arn"]})
        allowed = [
            statement
            for policy in stack.of_type("AWS::S3::BucketPolicy")
            if stack.target(policy.properties["Bucket"]) == log
            for statement in stack.statements("AWS::S3::BucketPolicy")
            if statement.owner == policy and statement.effect == "Allow"
        ]
        for statement in allowed:
            if statement.principals != (DELIVERY,) or statement.actions != ("s3:PutObject",):
                yield f"{statement}: lets others into the log"
        delivered = {
            stack.text(statement.conditions["ArnEquals"]["aws:SourceArn"])
            for statement in allowed
            if f"{arn}/{logged.get('LogFilePrefix', '')}*" in map(stack.text, statement.resources)
        }
        if delivered != {stack.text({"Fn::GetAtt": [bucket.logical_id, "Arn"]})}:
            yield f"{bucket.logical_id}: S3 may not deliver its access log"


def access_logs_expire(stack: Stack) -> Iterator[str]:
    """A log names people. It is kept as long as it can help, and no longer."""
    for bucket in _logged(stack):
        log = stack.target(bucket.properties["LoggingConfiguration"]["DestinationBucketName"])
        rules = log.properties.get("LifecycleConfiguration", {}).get("Rules", []) if log else []
        days = [rule.get("ExpirationInDays") for rule in rules if rule["Status"] == "Enabled"]
        if log and LOG_DAYS not in days:
            yield f"{log.logical_id}: not deleted after {LOG_DAYS} days"


def _open_to_outsiders(stack: Stack) -> Iterator[Resource]:
    """Yield the buckets that a managed policy lets somebody write into. Roles have inline policies."""
    written = {
        stack.text(resource)
        for statement in stack.statements("AWS::IAM::ManagedPolicy")
        if "s3:PutObject" in statement.actions
        for resource in statement.resources
    }
    for bucket in stack.of_type("AWS::S3::Bucket"):
        arn = stack.text({"Fn::GetAtt": [bucket.logical_id, "Arn"]})
        if any(resource.startswith(f"{arn}/") for resource in written):
            yield bucket


def _logged(stack: Stack) -> Iterator[Resource]:
    return (bucket for bucket in stack.of_type("AWS::S3::Bucket") if "LoggingConfiguration" in bucket.properties)
