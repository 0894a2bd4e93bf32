"""House rules for a deploy into an empty account, a second environment beside it, and a first deploy that fails."""

from collections.abc import Iterator
from typing import Any

from template.stack import Resource, Stack

# Properties that name the resource itself. Other names in properties refer to something else.
OWN_NAMES = {
    "AlarmName",
    "AliasName",
    "BucketName",
    "DashboardName",
    "FunctionName",
    "GroupName",
    "LogGroupName",
    "Name",
    "NamespaceName",
    "QueueName",
    "TopicName",
    "WorkgroupName",
}
# CreateNamespace, "adminUserPassword": 8 to 64 printable characters, except these.
LONGEST_PASSWORD = 64
NOT_IN_A_PASSWORD = set("/@\"'\\ ")
# PutMetricAlarm, "Period".
SHORT_PERIODS = {10, 20, 30}


def names_say_which_environment(stack: Stack) -> Iterator[str]:
    """The second environment of an account would find a name without it taken."""
    for resource in stack.resources.values():
        for key in sorted(OWN_NAMES & resource.properties.keys()):
            name = resource.properties[key]
            text = name.get("Fn::Sub") if isinstance(name, dict) else name
            if isinstance(text, str) and "${Environment}" not in text:
                yield f"{resource.logical_id}: {key} {text} is the same in each environment"


def a_first_creation_can_be_repeated(stack: Stack) -> Iterator[str]:
    """`Retain` also keeps what a failed first creation has made. The next try then finds the names taken."""
    for resource in stack.resources.values():
        if resource.attributes.get("DeletionPolicy") == "Retain" and OWN_NAMES & resource.properties.keys():
            yield f"{resource.logical_id}: stays behind when the first creation fails"


def resources_wait_for_what_they_do_not_name(stack: Stack) -> Iterator[str]:
    """CloudFormation creates at once what names nothing else, and deletes in the opposite order."""
    for resource, needed in _order(stack):
        attribute = resource.attributes.get("DependsOn", [])
        if needed.logical_id not in ([attribute] if isinstance(attribute, str) else attribute):
            yield f"{resource.logical_id}: does not wait for {needed.logical_id}"


def passwords_are_those_that_redshift_accepts(stack: Stack) -> Iterator[str]:
    """The secret is generated at the first deploy, and a refusal of it rolls everything back."""
    for secret in stack.of_type("AWS::SecretsManager::Secret"):
        generator = secret.properties["GenerateSecretString"]
        if "SecretStringTemplate" in generator:
            missing = NOT_IN_A_PASSWORD - set(generator.get("ExcludeCharacters", ""))
            if missing and not generator.get("ExcludePunctuation"):
                yield f"{secret.logical_id}: Redshift refuses {' '.join(map(repr, sorted(missing)))}"
            if not generator.get("RequireEachIncludedType", True):
                yield f"{secret.logical_id}: Redshift requires a digit, a small and a capital letter"
            if int(generator.get("PasswordLength", 32)) > LONGEST_PASSWORD:
                yield f"{secret.logical_id}: Redshift refuses more than {LONGEST_PASSWORD} characters"


def schedules_run(stack: Stack) -> Iterator[str]:
    """The alarm on silence would come a day later."""
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        if schedule.properties.get("State", "ENABLED") != "ENABLED":
            yield f"{schedule.logical_id}: is {schedule.properties['State']}"


def cloudwatch_accepts_the_periods(stack: Stack) -> Iterator[str]:
    """PutMetricAlarm refuses a period that is neither 10, 20 or 30 seconds nor whole minutes."""
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        period = int(alarm.properties["Period"])
        if period % 60 and period not in SHORT_PERIODS:
            yield f"{alarm.logical_id}: a period of {period} s"


def alarms_may_publish_to_their_topic(stack: Stack) -> Iterator[str]:
    """CloudWatch may not use SNS's default key, so an alarm would reach nobody."""
    for topic in stack.notified_topics():
        if str(topic.properties.get("KmsMasterKeyId", "")).startswith("alias/aws/"):
            yield f"{topic.logical_id}: CloudWatch may not use {topic.properties['KmsMasterKeyId']}"


def services_may_do_what_they_are_told(stack: Stack) -> Iterator[str]:
    """The scheduler needs a role that it may assume, and CloudWatch a topic that admits it. Neither reports more."""
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        role = stack.target(schedule.properties["Target"]["RoleArn"])
        trusted = role.properties["AssumeRolePolicyDocument"]["Statement"] if role else []
        if not any(statement["Principal"].get("Service") == "scheduler.amazonaws.com" for statement in trusted):
            yield f"{schedule.logical_id}: the scheduler may not assume its role"
    admitting = {
        topic.logical_id
        for statement in stack.statements("AWS::SNS::TopicPolicy")
        if statement.effect == "Allow"
        and "cloudwatch.amazonaws.com" in statement.principals
        and "sns:Publish" in statement.actions
        and statement.conditions == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        for topic in filter(None, map(stack.target, statement.resources))
    }
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        for topic in filter(None, map(stack.target, alarm.properties.get("AlarmActions", []))):
            if topic.logical_id not in admitting:
                yield f"{alarm.logical_id}: {topic.logical_id} does not admit CloudWatch"


def balancers_are_in_two_zones(stack: Stack) -> Iterator[str]:
    """CreateLoadBalancer refuses subnets of one zone."""
    for balancer in stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        subnets = filter(None, map(stack.target, balancer.properties["Subnets"]))
        if len({str(subnet.properties["AvailabilityZone"]) for subnet in subnets}) < 2:
            yield f"{balancer.logical_id}: its subnets are in one zone"


def _order(stack: Stack) -> Iterator[tuple[Resource, Resource]]:
    """Yield each resource with another one that must be there first, although no property says so."""
    for bucket in stack.of_type("AWS::S3::Bucket"):
        notified = bucket.properties.get("NotificationConfiguration", {}).get("QueueConfigurations", [])
        for queue in (stack.target(configuration["Queue"]) for configuration in notified):
            for policy in stack.of_type("AWS::SQS::QueuePolicy"):
                if queue in map(stack.target, policy.properties["Queues"]):
                    yield bucket, policy  # S3 sends a test message
    for logged, log in stack.logged():
        for policy in stack.of_type("AWS::S3::BucketPolicy"):
            if stack.target(policy.properties["Bucket"]) == log:
                yield logged, policy  # S3 delivers only where it may write, and a balancer begins with a test file
    routes = [route for route in stack.of_type("AWS::EC2::Route") if "GatewayId" in route.properties]
    for route in routes:
        for attachment in stack.of_type("AWS::EC2::VPCGatewayAttachment"):
            yield route, attachment
        for public in stack.resources.values():
            if _has_a_public_address(public.properties):
                yield public, route  # a gateway cannot be detached while an address uses it
    for schedule in stack.of_type("AWS::Scheduler::Schedule"):
        if "createSnapshot" in str(schedule.properties["Target"]["Arn"]):
            for workgroup in stack.of_type("AWS::RedshiftServerless::Workgroup"):
                yield schedule, workgroup  # a namespace without a workgroup takes no snapshot


def _has_a_public_address(properties: dict[str, Any]) -> bool:
    interfaces = properties.get("NetworkInterfaces", [])
    return properties.get("Scheme") == "internet-facing" or any(
        interface.get("AssociatePublicIpAddress") for interface in interfaces
    )
