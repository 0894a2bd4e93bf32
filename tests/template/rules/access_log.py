"""House rules for the access log: every bucket and balancer is logged, and only AWS's log services write the log."""

from collections.abc import Iterator

from template.stack import BALANCER, Resource, Stack, Statement, balancer_attributes

BUCKETS = "logging.s3.amazonaws.com"
BALANCERS = "logdelivery.elasticloadbalancing.amazonaws.com"
# As long as Redshift's own logs (docs/privacy.md).
LOG_DAYS = 90


def every_bucket_has_an_access_log(stack: Stack) -> Iterator[str]:
    """Who sent what, and who tried, must be known afterwards. Only the log has none: its deliveries would be logged."""
    logs = [log.logical_id for log in _logs(stack)]
    for bucket in stack.of_type("AWS::S3::Bucket"):
        settings = bucket.properties.get("LoggingConfiguration", {})
        log = stack.target(settings.get("DestinationBucketName"))
        if log == bucket or (log is None and bucket.logical_id not in logs):
            yield f"{bucket.logical_id}: no access log in a bucket of its own"
        elif log and "PartitionedPrefix" not in settings.get("TargetObjectKeyFormat", {}):
            yield f"{bucket.logical_id}: its access log is not ordered by day"


def every_balancer_has_an_access_log(stack: Stack) -> Iterator[str]:
    """It is open to the internet. Grafana logs who signed in, and not who tried the pages before."""
    for balancer in stack.of_type(BALANCER):
        attributes = balancer_attributes(balancer)
        log = stack.target(attributes.get("access_logs.s3.bucket"))
        if attributes.get("access_logs.s3.enabled") != "true" or log is None:
            yield f"{balancer.logical_id}: no access log in a bucket of this stack"


def logs_are_delivered_by_their_service_only(stack: Stack) -> Iterator[str]:
    """AWS delivers nothing without a grant: S3 says nothing, and a balancer is not created. With more, a log could be
    forged. A balancer's account is part of its path (Elastic Load Balancing, "Enable access logs").
    """
    account = stack.text({"Ref": "AWS::AccountId"})
    for resource, log in stack.logged():
        if resource.type == BALANCER:
            prefix = balancer_attributes(resource).get("access_logs.s3.prefix")
            may_deliver = any(_writers(stack, log, BALANCERS, f"{prefix}/AWSLogs/{account}/*"))
        else:
            prefix = resource.properties["LoggingConfiguration"].get("LogFilePrefix", "")
            sources = [
                stack.text(statement.conditions["ArnEquals"]["aws:SourceArn"])
                for statement in _writers(stack, log, BUCKETS, f"{prefix}*")
            ]
            may_deliver = sources == [stack.text({"Fn::GetAtt": [resource.logical_id, "Arn"]})]
        if not may_deliver:
            yield f"{resource.logical_id}: AWS may not deliver its access log"
    for log in _logs(stack):
        for statement in _grants(stack, log):
            if statement.principals not in ((BUCKETS,), (BALANCERS,)) or statement.actions != ("s3:PutObject",):
                yield f"{statement}: lets others into the log"


def access_logs_expire(stack: Stack) -> Iterator[str]:
    """A log names people. It is kept as long as it can help, and no longer."""
    for log in _logs(stack):
        rules = log.properties.get("LifecycleConfiguration", {}).get("Rules", [])
        if LOG_DAYS not in [rule.get("ExpirationInDays") for rule in rules if rule["Status"] == "Enabled"]:
            yield f"{log.logical_id}: not deleted after {LOG_DAYS} days"


def _logs(stack: Stack) -> list[Resource]:
    return list({log.logical_id: log for _, log in stack.logged()}.values())


def _grants(stack: Stack, log: Resource) -> Iterator[Statement]:
    for statement in stack.statements("AWS::S3::BucketPolicy"):
        if statement.effect == "Allow" and stack.target(statement.owner.properties["Bucket"]) == log:
            yield statement


def _writers(stack: Stack, log: Resource, service: str, keys: str) -> Iterator[Statement]:
    """Yield the grants by which a service may write exactly these keys of a log."""
    arn = stack.text({"Fn::GetAtt": [log.logical_id, "Arn"]})
    for statement in _grants(stack, log):
        if statement.principals == (service,) and [*map(stack.text, statement.resources)] == [f"{arn}/{keys}"]:
            yield statement
