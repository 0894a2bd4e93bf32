"""Mistakes that AWS would answer at the first deploy, or at the first one after it, and the rule for each."""

from template.breakage import Breakage, Gone
from template.host_breakages import WITH_A_BALANCER
from template.rules import creation

GENERATOR = "WarehouseSecret.Properties.GenerateSecretString"

BREAKAGES = [
    Breakage(rule, mistake, f"Resources.{path}", value, culprit, WITH_A_BALANCER)
    for rule, mistake, path, value, culprit in (
        (
            creation.names_say_which_environment,
            "one queue name for all environments",
            "ArrivalsQueue.Properties.QueueName",
            "arrivals",
            "ArrivalsQueue",
        ),
        (
            creation.names_say_which_environment,
            "a dashboard for the account",
            "OperationsDashboard.Properties.DashboardName",
            {"Fn::Sub": "cafe-${AWS::Region}"},
            "OperationsDashboard",
        ),
        (
            creation.a_first_creation_can_be_repeated,
            "a namespace that stays after a failed creation",
            "WarehouseNamespace.DeletionPolicy",
            "Retain",
            "WarehouseNamespace",
        ),
        (
            creation.resources_wait_for_what_they_do_not_name,
            "a bucket that announces files before the queue accepts them",
            "DropBucket.DependsOn",
            Gone,
            "DropBucket",
        ),
        (
            creation.resources_wait_for_what_they_do_not_name,
            "a snapshot before there is a workgroup",
            "WarehouseSnapshotSchedule.DependsOn",
            Gone,
            "WarehouseSnapshotSchedule",
        ),
        (
            creation.resources_wait_for_what_they_do_not_name,
            "a host that boots without a way out",
            "GrafanaHost.DependsOn",
            ["PublicSubnetARoutes"],
            "GrafanaHost",
        ),
        (
            creation.resources_wait_for_what_they_do_not_name,
            "a balancer that keeps the gateway from being detached",
            "Balancer.DependsOn",
            Gone,
            "Balancer",
        ),
        (
            creation.resources_wait_for_what_they_do_not_name,
            "a route to a gateway that is not attached",
            "PublicInternetRoute.DependsOn",
            Gone,
            "PublicInternetRoute",
        ),
        (
            creation.passwords_are_those_that_redshift_accepts,
            "a quotation mark in the password",
            f"{GENERATOR}.ExcludeCharacters",
            "/@\\ ",
            "WarehouseSecret",
        ),
        (
            creation.passwords_are_those_that_redshift_accepts,
            "a password of small letters, now and then",
            f"{GENERATOR}.RequireEachIncludedType",
            False,
            "WarehouseSecret",
        ),
        (
            creation.passwords_are_those_that_redshift_accepts,
            "a password that is too long",
            f"{GENERATOR}.PasswordLength",
            65,
            "WarehouseSecret",
        ),
        (
            creation.schedules_run,
            "a schedule that somebody disabled for a while",
            "WarehouseCheckSchedule.Properties.State",
            "DISABLED",
            "WarehouseCheckSchedule",
        ),
        (
            creation.cloudwatch_accepts_the_periods,
            "a period of three quarters of a minute",
            "LoadErrorAlarm.Properties.Period",
            45,
            "LoadErrorAlarm",
        ),
        (
            creation.alarms_may_publish_to_their_topic,
            "SNS's default key",
            "AlarmTopic.Properties.KmsMasterKeyId",
            "alias/aws/sns",
            "AlarmTopic",
        ),
        (
            creation.services_may_do_what_they_are_told,
            "a role for another service's schedules",
            "WarehouseCheckRole.Properties.AssumeRolePolicyDocument.Statement.0.Principal.Service",
            "events.amazonaws.com",
            "WarehouseCheckSchedule",
        ),
        (
            creation.services_may_do_what_they_are_told,
            "a topic for the alarms of another account",
            "AlarmTopicPolicy.Properties.PolicyDocument.Statement.0.Condition.StringEquals",
            {"aws:SourceAccount": "210987654321"},
            "LoadErrorAlarm",
        ),
        (
            creation.balancers_are_in_two_zones,
            "two subnets in one zone",
            "PublicSubnetB.Properties.AvailabilityZone",
            {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
            "Balancer",
        ),
    )
]
