"""Mistakes about the access log, and the rule that must notice each."""

from template.breakage import Breakage, Gone
from template.host_breakages import WITH_A_BALANCER
from template.rules import access, access_log, creation, storage

LOGGED = "Resources.DropBucket.Properties.LoggingConfiguration"
BALANCER = "Resources.Balancer.Properties.LoadBalancerAttributes"
POLICY = "Resources.AccessLogBucketPolicy.Properties.PolicyDocument.Statement"
DELIVERY = f"{POLICY}.0"
BALANCERS_DELIVERY = f"{POLICY}.3"

BREAKAGES = [
    Breakage(
        access_log.every_bucket_has_an_access_log,
        "no access log",
        LOGGED,
        Gone,
        "DropBucket: no access log",
    ),
    Breakage(
        access_log.every_bucket_has_an_access_log,
        "a log of itself, which announces a file for each delivery",
        f"{LOGGED}.DestinationBucketName",
        {"Ref": "DropBucket"},
        "DropBucket: no access log",
    ),
    Breakage(
        access_log.every_bucket_has_an_access_log,
        "one heap of logs",
        f"{LOGGED}.TargetObjectKeyFormat",
        Gone,
        "DropBucket: its access log is not ordered by day",
    ),
    Breakage(
        access_log.logs_are_delivered_by_their_service_only,
        "another folder than S3 may write",
        f"{LOGGED}.LogFilePrefix",
        "log/",
        "DropBucket: AWS may not deliver",
    ),
    Breakage(
        access_log.logs_are_delivered_by_their_service_only,
        "logs of another bucket",
        f"{DELIVERY}.Condition.ArnEquals",
        {"aws:SourceArn": {"Fn::GetAtt": ["StagingBucket", "Arn"]}},
        "DropBucket: AWS may not deliver",
    ),
    Breakage(
        access_log.logs_are_delivered_by_their_service_only,
        "a log that the functions may write",
        f"{DELIVERY}.Principal",
        {"AWS": {"Fn::GetAtt": ["ExtractRole", "Arn"]}},
        "AccessLogBucketPolicy/DeliverLogsOfDrop: lets others",
    ),
    Breakage(
        access_log.every_bucket_has_an_access_log,
        "no access log of the staging bucket",
        "Resources.StagingBucket.Properties.LoggingConfiguration",
        Gone,
        "StagingBucket: no access log",
    ),
    Breakage(
        access_log.every_balancer_has_an_access_log,
        "no access log of the balancer",
        f"{BALANCER}.2.Value",
        "false",
        "Balancer: no access log",
        WITH_A_BALANCER,
    ),
    Breakage(
        access_log.logs_are_delivered_by_their_service_only,
        "another folder than the balancer may write",
        f"{BALANCER}.4.Value",
        "web",
        "Balancer: AWS may not deliver",
        WITH_A_BALANCER,
    ),
    Breakage(
        access.services_act_for_this_account_only,
        "balancers of any account",
        f"{BALANCERS_DELIVERY}.Resource",
        {"Fn::Sub": "${AccessLogBucket.Arn}/balancer/*"},
        "AccessLogBucketPolicy/DeliverLogsOfBalancer",
    ),
    Breakage(
        storage.buckets_have_versions,
        "a bucket without versions",
        "Resources.DashboardsBucket.Properties.VersioningConfiguration",
        Gone,
        "DashboardsBucket",
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
    Breakage(
        creation.resources_wait_for_what_they_do_not_name,
        "a balancer before it may deliver its test file",
        "Resources.Balancer.DependsOn",
        ["PublicInternetRoute"],
        "Balancer: does not wait for AccessLogBucketPolicy",
        WITH_A_BALANCER,
    ),
]
