"""What somebody might do to the template, and the rule that is to notice it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from template.rules import access, functions, network, queues, storage, words
from template.stack import Document, Stack

type Rule = Callable[[Stack], Iterator[str]]


class Gone:
    """Marks a key that a breakage takes away."""


@dataclass(frozen=True)
class Breakage:
    """One mistake: ``value`` put where the dotted ``path`` leads, for which the rule must name ``culprit``."""

    rule: Rule
    mistake: str
    path: str
    value: Any
    culprit: str

    def __str__(self) -> str:
        return f"{self.rule.__name__}: {self.mistake}"

    def apply(self, source: Document) -> None:
        """Make the mistake in a template that was read for it; numbers in the path lead into lists."""
        *parents, last = [int(step) if step.isdigit() else step for step in self.path.split(".")]
        place: Any = source
        for step in parents:
            place = place[step]
        if self.value is Gone:
            del place[last]
        else:
            place[last] = self.value


BREAKAGES = [
    Breakage(
        queues.visibility_covers_six_timeouts_and_the_window,
        "a shorter visibility",
        "Parameters.VisibilityTimeoutSeconds.Default",
        719,
        "ArrivalsQueue",
    ),
    Breakage(
        queues.visibility_covers_six_timeouts_and_the_window,
        "a window that nobody added",
        "Parameters.LoadBatchingWindowSeconds.Default",
        21,
        "TransformedQueue",
    ),
    Breakage(
        queues.visibility_covers_six_timeouts_and_the_window,
        "a longer timeout",
        "Globals.Function.Timeout",
        300,
        "ExtractedQueue",
    ),
    Breakage(
        queues.every_queue_has_a_dead_letter_queue,
        "no redrive",
        "Resources.ExtractedQueue.Properties.RedrivePolicy",
        Gone,
        "ExtractedQueue",
    ),
    Breakage(
        queues.dead_letters_outlive_their_source,
        "an equal retention",
        "Resources.ArrivalsQueue.Properties.MessageRetentionPeriod",
        1_209_600,
        "ArrivalsDeadLetterQueue",
    ),
    Breakage(
        queues.tries_outlast_a_day_but_not_the_retention,
        "five tries, as everybody does",
        "Parameters.MaxReceiveCount.Default",
        5,
        "TransformedQueue",
    ),
    Breakage(
        queues.tries_outlast_a_day_but_not_the_retention,
        "tries beyond the retention",
        "Resources.TransformedQueue.Properties.MessageRetentionPeriod",
        86_400,
        "TransformedQueue",
    ),
    Breakage(
        queues.dead_letters_raise_an_alarm,
        "a metric that redrive does not move",
        "Resources.ExtractedDeadLetterAlarm.Properties.MetricName",
        "NumberOfMessagesSent",
        "ExtractedDeadLetterQueue",
    ),
    Breakage(
        queues.dead_letters_raise_an_alarm,
        "an alarm that tells nobody",
        "Resources.ArrivalsDeadLetterAlarm.Properties.AlarmActions",
        Gone,
        "ArrivalsDeadLetterQueue",
    ),
    Breakage(
        queues.queues_are_encrypted,
        "no encryption",
        "Resources.TransformedDeadLetterQueue.Properties.SqsManagedSseEnabled",
        False,
        "TransformedDeadLetterQueue",
    ),
    Breakage(
        functions.batches_answer_message_by_message,
        "all or nothing",
        "Resources.TransformFunction.Properties.Events.Extracted.Properties.FunctionResponseTypes",
        Gone,
        "TransformFunctionExtracted",
    ),
    Breakage(
        functions.batches_above_ten_wait_for_a_window,
        "a large batch at once",
        "Resources.ExtractFunction.Properties.Events.Arrivals.Properties.BatchSize",
        11,
        "ExtractFunctionArrivals",
    ),
    Breakage(
        functions.event_sources_limit_their_concurrency,
        "one at a time, which AWS refuses",
        "Resources.LoadFunction.Properties.Events.Transformed.Properties.ScalingConfig.MaximumConcurrency",
        1,
        "LoadFunctionTransformed",
    ),
    Breakage(
        functions.event_sources_limit_their_concurrency,
        "no limit",
        "Resources.ExtractFunction.Properties.Events.Arrivals.Properties.ScalingConfig",
        Gone,
        "ExtractFunctionArrivals",
    ),
    Breakage(
        functions.event_sources_limit_their_concurrency,
        "reserved concurrency",
        "Resources.LoadFunction.Properties.ReservedConcurrentExecutions",
        1,
        "LoadFunction",
    ),
    Breakage(
        functions.functions_log_json_to_a_group_of_the_stack,
        "a group that Lambda makes",
        "Resources.ExtractFunction.Properties.LoggingConfig.LogGroup",
        "/aws/lambda/extract",
        "ExtractFunction",
    ),
    Breakage(
        functions.functions_log_json_to_a_group_of_the_stack,
        "plain text",
        "Globals.Function.LoggingConfig.LogFormat",
        "Text",
        "TransformFunction",
    ),
    Breakage(
        functions.log_groups_forget,
        "logs for ever",
        "Resources.LoadLogGroup.Properties.RetentionInDays",
        Gone,
        "LoadLogGroup",
    ),
    Breakage(
        functions.every_function_has_a_role_of_its_own,
        "SAM's default role",
        "Resources.TransformFunction.Properties.Role",
        Gone,
        "TransformFunction",
    ),
    Breakage(
        functions.every_function_has_a_role_of_its_own,
        "a borrowed role",
        "Resources.TransformFunction.Properties.Role",
        {"Fn::GetAtt": ["ExtractRole", "Arn"]},
        "TransformFunction",
    ),
    Breakage(
        functions.functions_fit_python_and_processor,
        "another Python",
        "Resources.LoadFunction.Properties.Runtime",
        "python3.12",
        "LoadFunction",
    ),
    Breakage(
        functions.functions_fit_python_and_processor,
        "no processor",
        "Globals.Function.Architectures",
        Gone,
        "ExtractFunction",
    ),
    Breakage(
        access.no_wildcard_actions,
        "every action",
        "Resources.LoadRole.Properties.Policies.0.PolicyDocument.Statement.1.Action",
        "s3:*",
        "LoadRole/WriteManifests",
    ),
    Breakage(
        access.no_wildcard_actions,
        "all actions of one kind",
        "Resources.BranchUploadPolicy.Properties.PolicyDocument.Statement.0.Action",
        ["s3:Put*"],
        "BranchUploadPolicy/PutFiles",
    ),
    Breakage(
        access.no_wildcard_actions,
        "all but some",
        "Resources.CopyRole.Properties.Policies.0.PolicyDocument.Statement.0",
        {"Sid": "AllBut", "Effect": "Allow", "NotAction": "s3:DeleteObject", "Resource": "arn:aws:s3:::staging/*"},
        "CopyRole/AllBut",
    ),
    Breakage(
        access.no_wildcard_resources,
        "every secret",
        "Resources.LoadRole.Properties.Policies.0.PolicyDocument.Statement.2.Resource",
        "*",
        "LoadRole/ReadAdminPassword",
    ),
    Breakage(
        access.roles_attach_no_managed_policies,
        "a managed policy",
        "Resources.ExtractRole.Properties.ManagedPolicyArns",
        ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
        "ExtractRole",
    ),
    Breakage(
        access.roles_attach_no_managed_policies,
        "SAM's default role",
        "Resources.LoadFunction.Properties.Role",
        Gone,
        "LoadFunctionRole",
    ),
    Breakage(
        access.only_endpoints_admit_any_principal,
        "a bucket for everyone",
        "Resources.DropBucketPolicy.Properties.PolicyDocument.Statement.0.Effect",
        "Allow",
        "DropBucketPolicy",
    ),
    Breakage(
        access.services_act_for_this_account_only,
        "buckets of any account",
        "Resources.ArrivalsQueuePolicy.Properties.PolicyDocument.Statement.0.Condition.StringEquals",
        Gone,
        "ArrivalsQueuePolicy",
    ),
    Breakage(
        access.services_act_for_this_account_only,
        "any bucket of this account",
        "Resources.ArrivalsQueuePolicy.Properties.PolicyDocument.Statement.0.Condition.ArnEquals",
        Gone,
        "ArrivalsQueuePolicy",
    ),
    Breakage(
        access.services_act_for_this_account_only,
        "alarms of any account",
        "Resources.AlarmTopicPolicy.Properties.PolicyDocument.Statement.0.Condition",
        Gone,
        "AlarmTopicPolicy",
    ),
    Breakage(
        access.buckets_and_queues_refuse_plain_http,
        "a bucket without a policy",
        "Resources.StagingBucketPolicy",
        Gone,
        "StagingBucket",
    ),
    Breakage(
        access.buckets_and_queues_refuse_plain_http,
        "objects forgotten",
        "Resources.DropBucketPolicy.Properties.PolicyDocument.Statement.0.Resource",
        [{"Fn::GetAtt": ["DropBucket", "Arn"]}],
        "DropBucket",
    ),
    Breakage(
        access.buckets_and_queues_refuse_plain_http,
        "another queue's policy",
        "Resources.ExtractedQueuePolicy.Properties.Queues",
        [{"Ref": "TransformedQueue"}],
        "ExtractedQueue",
    ),
    Breakage(
        access.buckets_and_queues_refuse_plain_http,
        "the condition turned round",
        "Resources.ArrivalsDeadLetterQueuePolicy.Properties.PolicyDocument.Statement.0.Condition.Bool",
        {"aws:SecureTransport": "true"},
        "ArrivalsDeadLetterQueue",
    ),
    Breakage(
        storage.buckets_are_encrypted,
        "no encryption",
        "Resources.DropBucket.Properties.BucketEncryption",
        Gone,
        "DropBucket",
    ),
    Breakage(
        storage.buckets_are_private,
        "public policies possible",
        "Resources.StagingBucket.Properties.PublicAccessBlockConfiguration.BlockPublicPolicy",
        False,
        "StagingBucket",
    ),
    Breakage(
        storage.buckets_are_private,
        "access lists in force",
        "Resources.DropBucket.Properties.OwnershipControls",
        Gone,
        "DropBucket",
    ),
    Breakage(
        storage.versions_and_broken_uploads_expire,
        "old versions kept",
        "Resources.DropBucket.Properties.LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration",
        Gone,
        "DropBucket",
    ),
    Breakage(
        storage.versions_and_broken_uploads_expire,
        "broken uploads kept",
        "Resources.StagingBucket.Properties.LifecycleConfiguration.Rules.3.Status",
        "Disabled",
        "StagingBucket",
    ),
    Breakage(
        storage.what_holds_data_outlives_the_stack,
        "deleted with the stack",
        "Resources.WarehouseNamespace.DeletionPolicy",
        Gone,
        "WarehouseNamespace",
    ),
    Breakage(
        storage.what_holds_data_outlives_the_stack,
        "deleted when renamed",
        "Resources.DropBucket.UpdateReplacePolicy",
        "Delete",
        "DropBucket",
    ),
    Breakage(
        storage.passwords_come_from_the_secret,
        "a password in the template",
        "Resources.WarehouseNamespace.Properties.AdminUserPassword",
        "NotASecret1",
        "WarehouseNamespace",
    ),
    Breakage(
        storage.passwords_come_from_the_secret,
        "a secret in the template",
        "Resources.WarehouseSecret.Properties.SecretString",
        "NotASecret1",
        "WarehouseSecret",
    ),
    Breakage(
        network.no_public_ingress,
        "the warehouse open to all",
        "Resources.WarehouseSecurityGroup.Properties.SecurityGroupIngress.0",
        {"IpProtocol": "tcp", "FromPort": 5439, "ToPort": 5439, "CidrIp": "0.0.0.0/0"},
        "WarehouseSecurityGroup",
    ),
    Breakage(
        network.no_public_ingress,
        "a door added beside the group",
        "Resources.Door",
        {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {"GroupId": {"Ref": "LoadSecurityGroup"}, "IpProtocol": "-1", "CidrIpv6": "::/0"},
        },
        "Door",
    ),
    Breakage(
        network.security_groups_state_their_egress,
        "egress left out",
        "Resources.SecretsEndpointSecurityGroup.Properties.SecurityGroupEgress",
        Gone,
        "SecretsEndpointSecurityGroup",
    ),
    Breakage(
        network.the_warehouse_stays_inside,
        "a public address",
        "Resources.WarehouseWorkgroup.Properties.PubliclyAccessible",
        True,
        "WarehouseWorkgroup",
    ),
    Breakage(
        network.the_warehouse_stays_inside,
        "COPY over the internet",
        "Resources.WarehouseWorkgroup.Properties.EnhancedVpcRouting",
        Gone,
        "WarehouseWorkgroup",
    ),
    Breakage(
        network.the_warehouse_stays_inside,
        "no ceiling",
        "Resources.WarehouseWorkgroup.Properties.MaxCapacity",
        Gone,
        "WarehouseWorkgroup",
    ),
    Breakage(
        network.the_warehouse_stays_inside,
        "no TLS",
        "Resources.WarehouseWorkgroup.Properties.ConfigParameters.0.ParameterValue",
        "false",
        "WarehouseWorkgroup",
    ),
    Breakage(
        network.endpoints_state_a_policy,
        "an open endpoint",
        "Resources.StorageEndpoint.Properties.PolicyDocument",
        Gone,
        "StorageEndpoint",
    ),
    Breakage(
        words.parameters_are_described, "no description", "Parameters.Architecture.Description", Gone, "Architecture"
    ),
    Breakage(
        words.nothing_points_at_production_by_default,
        "production by default",
        "Parameters.Environment.Default",
        "prod",
        "Environment",
    ),
    Breakage(
        words.statements_say_what_they_are_for,
        "a statement without a name",
        "Resources.CopyRole.Properties.Policies.0.PolicyDocument.Statement.1.Sid",
        Gone,
        "CopyRole",
    ),
]
