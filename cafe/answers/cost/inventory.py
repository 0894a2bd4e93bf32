"""What the template declares, for the bill: its parameters, and the resources that exist with them. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cafe.answers.parameters import Template, conditions_of, fill_in
from cafe.errors import CafeError, Misused

# Each type that is billed, with the line of the bill that it is on.
BILLED = {
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::EC2::Instance": "grafana machine",
    "AWS::EC2::VPCEndpoint": "endpoints",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "balancer",
    "AWS::KMS::Key": "key",
    "AWS::Logs::LogGroup": "logs",
    "AWS::RedshiftServerless::Namespace": "warehouse storage",
    "AWS::RedshiftServerless::Workgroup": "warehouse loads",
    "AWS::S3::Bucket": "storage",
    "AWS::SNS::Subscription": "mails",
    "AWS::SNS::Topic": "mails",
    "AWS::SQS::Queue": "queues",
    "AWS::SSM::Parameter": "facts",
    "AWS::Scheduler::Schedule": "schedules",
    "AWS::SecretsManager::Secret": "secrets",
    "AWS::Serverless::Function": "functions",
}
# Each type that Amazon does not bill: a rule, a name, a part of something billed, or a network.
FREE = {
    "AWS::EC2::InternetGateway",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::Logs::QueryDefinition",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Serverless::LayerVersion",
}
_CRON_HOURS = re.compile(r"cron\(\S+ (\d+(?:,\d+)*) \* \* \? \*\)")


@dataclass(frozen=True)
class Inventory:
    """The resources of a stack, by logical id, and the parameters that it has."""

    parameters: Mapping[str, str]
    resources: Mapping[str, Any]
    conditions: Mapping[str, bool]
    globals: Mapping[str, Any]

    def count(self, kind: str) -> int:
        """Count the resources of a type."""
        return Counter(declared["Type"] for declared in self.resources.values())[kind]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the properties of the resources of a type."""
        return [declared["Properties"] for declared in self.resources.values() if declared["Type"] == kind]

    def number(self, parameter: str) -> float:
        """Return a parameter as a number."""
        return float(self.parameters[parameter])

    def value(self, declared: Any) -> Any:
        """Resolve a reference to a parameter, or a choice by a condition. Anything else stays as it is."""
        match declared:
            case {"Ref": str(name)} if name in self.parameters:
                return self.parameters[name]
            case {"Fn::If": [str(name), yes, no]}:
                return self.value(yes if self.conditions[name] else no)
        return declared

    @property
    def interface_endpoints(self) -> int:
        """The zones of all interface endpoints: each is billed. Gateway endpoints are free."""
        return sum(
            len(endpoint["SubnetIds"])
            for endpoint in self.of("AWS::EC2::VPCEndpoint")
            if endpoint["VpcEndpointType"] == "Interface"
        )

    @property
    def checks_a_day(self) -> int:
        """How often the schedule checks the warehouse. Raises Misused for a schedule that is not at hours of a day."""
        schedule = self.parameters["CheckSchedule"]
        found = _CRON_HOURS.fullmatch(schedule)
        if not found:
            raise Misused(
                f"How often {schedule} runs is not known.",
                "Use hours of a day, such as cron(0 7,22 * * ? *), or --checks.",
            )
        return len(found[1].split(","))


def take_inventory(template: Template, overrides: Mapping[str, str]) -> Inventory:
    """Find out which resources exist, with other parameters than the template's where ``overrides`` names them.

    Raises Misused for a parameter or a value that CloudFormation would refuse in every region, CafeError for a type of
    which no price is known.
    """
    parameters = fill_in(template, overrides)
    conditions = conditions_of(template, parameters)
    resources = {
        name: found
        for name, found in template["Resources"].items()
        if "Condition" not in found or conditions[found["Condition"]]
    }
    unpriced = {found["Type"] for found in resources.values()} - BILLED.keys() - FREE
    if unpriced:
        raise CafeError(
            f"No price is known of {min(unpriced)}.", "Add it to BILLED or FREE in cafe/answers/cost/inventory.py."
        )
    return Inventory(parameters, resources, conditions, template.get("Globals", {}))
