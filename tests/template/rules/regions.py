"""House rules for what depends on the region or the account: AWS offers it there, and a new account has it."""

import ipaddress
import json
from collections.abc import Callable, Iterator
from itertools import product
from math import fsum
from statistics import mean

from patched_ministack import aws_limits
from template.stack import REGION, Stack

# Dev and prod may share an account.
ENVIRONMENTS = 2
# The first four addresses of a subnet and the last belong to AWS (VPC guide, Subnet CIDR blocks).
RESERVED_ADDRESSES = 5
STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "Average": mean,
    "Maximum": max,
    "Minimum": min,
    "Sum": fsum,
}


def the_warehouse_fits_the_region(stack: Stack) -> Iterator[str]:
    """Its capacity is offered where samconfig.toml deploys, in enough zones, and the subnets have addresses for it."""
    for workgroup in stack.of_type("AWS::RedshiftServerless::Workgroup"):
        base, maximum = (int(workgroup.properties[name]) for name in ("BaseCapacity", "MaxCapacity"))
        for fault in aws_limits.capacity_faults(REGION, base, maximum):
            yield f"{workgroup.logical_id}: {fault}"
        subnets = [subnet for reference in workgroup.properties["SubnetIds"] if (subnet := stack.target(reference))]
        zones = {json.dumps(subnet.properties["AvailabilityZone"]) for subnet in subnets}
        if len(zones) < aws_limits.ZONES_OF_A_WORKGROUP:
            yield f"{workgroup.logical_id}: its subnets are in fewer than {aws_limits.ZONES_OF_A_WORKGROUP} zones"
        for subnet in subnets:
            free = ipaddress.ip_network(subnet.properties["CidrBlock"]).num_addresses - RESERVED_ADDRESSES
            if free < aws_limits.addresses_of_a_workgroup(maximum):
                yield f"{workgroup.logical_id}: {subnet.logical_id} has too few addresses for {maximum} RPU"


def the_template_refuses_what_a_region_lacks(stack: Stack) -> Iterator[str]:
    """Its Rules refuse exactly what AWS refuses, before anything is created."""
    regions = sorted(aws_limits.REGIONS_WITH_4_RPU | aws_limits.REGIONS_WITH_TWO_ZONES | {REGION, "eu-central-1"})
    capacities = (stack.parameters[name]["AllowedValues"] for name in ("BaseCapacity", "MaxCapacity"))
    for region, base, maximum in product(regions, *capacities):
        faults = list(aws_limits.capacity_faults(region, base, maximum))
        if region in aws_limits.REGIONS_WITH_TWO_ZONES:
            faults.append("two zones")
        refusals = list(stack.refusals(region, BaseCapacity=str(base), MaxCapacity=str(maximum)))
        if bool(refusals) != bool(faults):
            yield f"Rules: {base} to {maximum} RPU in {region}: the template says {refusals}, AWS {faults}"


def the_alarm_on_compute_follows_the_base_capacity(stack: Stack) -> Iterator[str]:
    """AWS counts RPU-seconds, so the same hours are more of them on a larger warehouse."""
    (workgroup,) = stack.of_type("AWS::RedshiftServerless::Workgroup")
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        if alarm.properties.get("MetricName") == "ComputeSeconds":
            hours = int(alarm.properties["Threshold"]) / int(workgroup.properties["BaseCapacity"]) / 3600
            if hours != 4:
                yield f"{alarm.logical_id}: fires after {hours} hours of the base capacity"


def the_alarm_on_compute_holds_for_both_of_awss_readings(stack: Stack) -> Iterator[str]:
    """Two pages of AWS's guide differ in what ComputeSeconds measures; the alarm must be right for either.

    "Billing for Amazon Redshift Serverless": the RPU-seconds of the current minute. "Audit logging for Amazon Redshift
    Serverless": those of the last 30 minutes.
    """
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        if alarm.properties.get("MetricName") == "ComputeSeconds":
            statistic = STATISTICS[alarm.properties["Statistic"]]
            limit, period_minutes = float(alarm.properties["Threshold"]), int(alarm.properties["Period"]) // 60
            for minutes_covered, a_days_use in product((1, 30), (limit - 1, limit + 1)):
                points = 1440 // minutes_covered
                # The same use in all intervals: no period of less than a day then reaches the limit.
                seen = [a_days_use / points] * max(1, period_minutes // minutes_covered)
                if (statistic(seen) > limit) != (a_days_use > limit):
                    yield f"{alarm.logical_id}: is wrong about {a_days_use} in a day if it covers {minutes_covered} min"


def a_new_account_has_the_quotas(stack: Stack) -> Iterator[str]:
    """A first deploy must not wait for a quota, and branch files must not be throttled by one."""
    used = {
        aws_limits.CONCURRENT_EXECUTIONS: sum(
            source.properties["ScalingConfig"]["MaximumConcurrency"]
            for source in stack.of_type("AWS::Lambda::EventSourceMapping")
        ),
        aws_limits.FUNCTION_MEGABYTES: max(
            function.properties["MemorySize"] for function in stack.of_type("AWS::Lambda::Function")
        ),
        aws_limits.VPCS: ENVIRONMENTS * len(list(stack.of_type("AWS::EC2::VPC"))),
        # A host is replaced by another one, which starts first. With two environments in one account, it takes a larger
        # quota: docs/first-deploy.md says so.
        aws_limits.VCPUS: 2
        * sum(
            aws_limits.VCPUS_OF.get(host.properties["InstanceType"], aws_limits.VCPUS.limit)
            for host in stack.of_type("AWS::EC2::Instance")
        ),
        aws_limits.ELASTIC_ADDRESSES: ENVIRONMENTS * len(list(stack.of_type("AWS::EC2::EIP"))),
    }
    for quota, use in used.items():
        if use > quota.limit:
            yield f"{quota.name}: {use}, but a new account has {quota.limit}"
