"""House rules for the network: nobody comes in from outside."""

from collections.abc import Iterator
from typing import Any

from template.stack import Resource, Stack

ANYWHERE = ("0.0.0.0/0", "::/0")


def no_public_ingress(stack: Stack) -> Iterator[str]:
    """Nothing of ours answers the internet, but the balancer that a certificate asks for, and that by HTTPS alone."""
    balancers = _balancer_groups(stack)
    for resource, ingress in _ingresses(stack):
        if ingress.get("CidrIp") in ANYWHERE or ingress.get("CidrIpv6") in ANYWHERE:
            ports = (ingress["IpProtocol"], ingress.get("FromPort"), ingress.get("ToPort"))
            if resource.logical_id not in balancers or ports != ("tcp", 443, 443):
                yield f"{resource.logical_id}: open to the internet"


def nothing_but_the_balancer_reaches_a_host(stack: Stack) -> Iterator[str]:
    """People come through Session Manager, which needs no way in; a balancer knocks at Grafana's port and no other."""
    hosts = {
        group.logical_id: host.logical_id
        for host in stack.of_type("AWS::EC2::Instance")
        for interface in host.properties["NetworkInterfaces"]
        for reference in interface["GroupSet"]
        if (group := stack.target(reference))
    }
    balancers = _balancer_groups(stack)
    for resource, ingress in _ingresses(stack):
        group = stack.target(ingress["GroupId"]) if "GroupId" in ingress else resource
        if group is None or group.logical_id not in hosts:
            continue
        source = stack.target(ingress.get("SourceSecurityGroupId"))
        ports = (ingress["IpProtocol"], ingress.get("FromPort"), ingress.get("ToPort"))
        if source is None or source.logical_id not in balancers or ports != ("tcp", 3000, 3000):
            yield f"{hosts[group.logical_id]}: admits more than the balancer, by {resource.logical_id}"


def balancers_speak_tls_of_today(stack: Stack) -> Iterator[str]:
    """Revenue and passwords pass here: no listener without a certificate, none that speaks TLS 1.0."""
    for listener in stack.of_type("AWS::ElasticLoadBalancingV2::Listener"):
        properties = listener.properties
        if properties["Protocol"] != "HTTPS" or not properties.get("Certificates"):
            yield f"{listener.logical_id}: plain HTTP"
        if not str(properties.get("SslPolicy", "")).startswith("ELBSecurityPolicy-TLS13-1-2"):
            yield f"{listener.logical_id}: admits old TLS"


def private_subnets_lead_nowhere(stack: Stack) -> Iterator[str]:
    """The VPC has a way out for Grafana's host. Load and the warehouse must not come to stand on it."""
    outward = {
        table.logical_id
        for route in stack.of_type("AWS::EC2::Route")
        if (table := stack.target(route.properties["RouteTableId"]))
    }
    routes = {
        subnet.logical_id: table.logical_id
        for association in stack.of_type("AWS::EC2::SubnetRouteTableAssociation")
        if (subnet := stack.target(association.properties["SubnetId"]))
        and (table := stack.target(association.properties["RouteTableId"]))
    }
    for resource in stack.of_type("AWS::Lambda::Function", "AWS::RedshiftServerless::Workgroup"):
        vpc = resource.properties.get("VpcConfig", resource.properties)
        for reference in vpc.get("SubnetIds", []):
            subnet = stack.target(reference)
            # A subnet without a table of its own gets the VPC's, which anyone may change.
            if subnet is None or routes.get(subnet.logical_id, "none") in outward | {"none"}:
                yield f"{resource.logical_id}: its subnet leads to the internet"


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


def _ingresses(stack: Stack) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Yield every rule that lets somebody in, with the resource that states it: a group, or a rule beside it."""
    for resource in stack.of_type("AWS::EC2::SecurityGroup"):
        for ingress in resource.properties.get("SecurityGroupIngress", []):
            yield resource, ingress
    for resource in stack.of_type("AWS::EC2::SecurityGroupIngress"):
        yield resource, resource.properties


def _balancer_groups(stack: Stack) -> set[str]:
    return {
        group.logical_id
        for balancer in stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
        for reference in balancer.properties["SecurityGroups"]
        if (group := stack.target(reference))
    }
