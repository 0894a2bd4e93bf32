"""House rules for the network: nobody comes in from outside."""

from collections.abc import Iterator
from typing import Any

from template.stack import Stack

ANYWHERE = ("0.0.0.0/0", "::/0")


def no_public_ingress(stack: Stack) -> Iterator[str]:
    """Nothing of ours answers the internet; people reach dashboards through Session Manager."""
    for resource in stack.of_type("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"):
        inline: list[Any] = resource.properties.get("SecurityGroupIngress", [])
        for ingress in [resource.properties] if resource.type.endswith("Ingress") else inline:
            if ingress.get("CidrIp") in ANYWHERE or ingress.get("CidrIpv6") in ANYWHERE:
                yield f"{resource.logical_id}: open to the internet"


def security_groups_state_their_egress(stack: Stack) -> Iterator[str]:
    """A group that states none gets a rule that allows everything."""
    for group in stack.of_type("AWS::EC2::SecurityGroup"):
        if not group.properties.get("SecurityGroupEgress"):
            yield f"{group.logical_id}: may talk to anything"


def the_warehouse_stays_inside(stack: Stack) -> Iterator[str]:
    """No public address, TLS only, COPY through the endpoint, and a ceiling on what a second can cost."""
    for workgroup in stack.of_type("AWS::RedshiftServerless::Workgroup"):
        properties = workgroup.properties
        if properties.get("PubliclyAccessible") is not False:
            yield f"{workgroup.logical_id}: may have a public address"
        if properties.get("EnhancedVpcRouting") is not True:
            yield f"{workgroup.logical_id}: COPY leaves the VPC"
        if "MaxCapacity" not in properties:
            yield f"{workgroup.logical_id}: no ceiling on its capacity"
        settings = {setting["ParameterKey"]: setting["ParameterValue"] for setting in properties["ConfigParameters"]}
        if settings.get("require_ssl") != "true":
            yield f"{workgroup.logical_id}: accepts connections without TLS"


def endpoints_state_a_policy(stack: Stack) -> Iterator[str]:
    """Without one, an endpoint leads to every bucket and every secret of every account."""
    for endpoint in stack.of_type("AWS::EC2::VPCEndpoint"):
        if "PolicyDocument" not in endpoint.properties:
            yield f"{endpoint.logical_id}: leads anywhere"
