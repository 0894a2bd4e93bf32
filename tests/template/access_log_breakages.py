"""Mistakes about the access log, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.rules import access_log, creation

LOGGED = "Resources.DropBucket.Properties.LoggingConfiguration"
DELIVERY = "Resources.AccessLogBucketPolicy.Properties.PolicyDocument.Statement.0"

BREAKAGES = [
    Breakage(
        access_log.what_outsiders_write_into_has_an_access_log,
        "no access log",
        LOGGED,
        Gone,
        "DropBucket: no access log",
    ),
    Breakage(
        access_log.what_outsiders_write_into_has_an_access_log,
        "a log of itself, which announces a file for each delivery",
        f"{LOGGED}.DestinationBucketName",
        {"Ref": "DropBucket"},
        "DropBucket: no access log",
    ),
    Breakage(
        access_log.what_outsiders_write_into_has_an_access_log,
        "one heap of logs",
        f"{LOGGED}.TargetObjectKeyFormat",
        Gone,
        "DropBucket: its access log is not ordered by day",
    ),
    Breakage(
        access_log.logs_are_delivered_for_one_bucket_and_by_nobody_else,
        "another folder than S3 may write",
        f"{LOGGED}.LogFilePrefix",
        "log/",
        "DropBucket: S3 may not deliver",
    ),
    Breakage(
        access_log.logs_are_delivered_for_one_bucket_and_by_nobody_else,
        "logs of another bucket",
        f"{DELIVERY}.Condition.ArnEquals",
        {"aws:SourceArn": {"Fn::GetAtt": ["StagingBucket", "Arn"]}},
        "DropBucket: S3 may not deliver",
    ),
    Breakage(
        access_log.logs_are_delivered_for_one_bucket_and_by_nobody_else,
        "a log that the functions may write",
        f"{DELIVERY}.Principal",
        {"AWS": {"Fn::GetAtt": ["ExtractRole", "Arn"]}},
        "AccessLogBucketPolicy/S3DeliversLogs: lets others",
    ),
    Breakage(
        access_log.access_logs_expire,
        "logs for ever",
        "Resources.AccessLogBucket.Properties.LifecycleConfiguration.Rules.0.ExpirationInDays",
        Gone,
        "AccessLogBucket",
    ),
    Breakage(
        creation.resources_wait_for_what_they_do_not_name,
        "logs before S3 may deliver them",
        "Resources.DropBucket.DependsOn",
        ["ArrivalsQueuePolicy"],
        "DropBucket: does not wait for AccessLogBucketPolicy",
    ),
]
