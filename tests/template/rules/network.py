"""House rules for the network: no access from outside."""

from collections.abc import Iterator
from typing import Any

from template.stack import Resource, Stack

ANYWHERE = ("0.0.0.0/0", "::/0")


def no_public_ingress(stack: Stack) -> Iterator[str]:
    """Only the balancer accepts connections from the internet, and only by HTTPS. It exists only with a certificate."""
    balancers = _balancer_groups(stack)
    for resource, ingress in _ingresses(stack):
        if ingress.get("CidrIp") in ANYWHERE or ingress.get("CidrIpv6") in ANYWHERE:
            ports = (ingress["IpProtocol"], ingress.get("FromPort"), ingress.get("ToPort"))
            if resource.logical_id not in balancers or ports != ("tcp", 443, 443):
                yield f"{resource.logical_id}: open to the internet"


def only_the_balancer_reaches_a_host(stack: Stack) -> Iterator[str]:
    """People use Session Manager, which needs no ingress. The balancer reaches Grafana's port and no other."""
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
            yield f"{hosts[group.logical_id]}: accepts more than the balancer, by {resource.logical_id}"


def balancers_require_current_tls(stack: Stack) -> Iterator[str]:
    """Passwords and sales pass here: every listener has a certificate, and none accepts TLS 1.0."""
    for listener in stack.of_type("AWS::ElasticLoadBalancingV2::Listener"):
        properties = listener.properties
        if properties["Protocol"] != "HTTPS" or not properties.get("Certificates"):
            yield f"{listener.logical_id}: plain HTTP"
        if not str(properties.get("SslPolicy", "")).startswith("ELBSecurityPolicy-TLS13-1-2"):
            yield f"{listener.logical_id}: accepts old TLS"


def load_and_warehouse_cannot_reach_the_internet(stack: Stack) -> Iterator[str]:
    """The VPC has a route to the internet for Grafana's host. Load and the warehouse must not use it."""
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
            # A subnet without a route table gets the VPC's main table, which others may change.
            if subnet is None or routes.get(subnet.logical_id, "none") in outward | {"none"}:
                yield f"{resource.logical_id}: its subnet has a route to the internet"


def security_groups_state_their_egress(stack: Stack) -> Iterator[str]:
    """A group without egress rules gets one that allows everything."""
    for group in stack.of_type("AWS::EC2::SecurityGroup"):
        if not group.properties.get("SecurityGroupEgress"):
            yield f"{group.logical_id}: may connect to any address"


def the_warehouse_stays_inside(stack: Stack) -> Iterator[str]:
    """No public address, TLS only, COPY through the endpoint, and a limit on its capacity."""
    for workgroup in stack.of_type("AWS::RedshiftServerless::Workgroup"):
        properties = workgroup.properties
        if properties.get("PubliclyAccessible") is not False:
            yield f"{workgroup.logical_id}: may have a public address"
        if properties.get("EnhancedVpcRouting") is not True:
            yield f"{workgroup.logical_id}: COPY leaves the VPC"
        if "MaxCapacity" not in properties:
            yield f"{workgroup.logical_id}: no limit on its capacity"
        settings = {setting["ParameterKey"]: setting["ParameterValue"] for setting in properties["ConfigParameters"]}
        if settings.get("require_ssl") != "true":
            yield f"{workgroup.logical_id}: accepts connections without TLS"


def endpoints_state_a_policy(stack: Stack) -> Iterator[str]:
    """An endpoint without a policy reaches every bucket and every secret of every account."""
    for endpoint in stack.of_type("AWS::EC2::VPCEndpoint"):
        if "PolicyDocument" not in endpoint.properties:
            yield f"{endpoint.logical_id}: has no policy"


def interface_endpoints_name_their_callers(stack: Stack) -> Iterator[str]:
    """Private DNS leads the whole VPC to such an endpoint, so its policy says whose requests each statement is for."""
    for statement in stack.statements("AWS::EC2::VPCEndpoint"):
        is_interface = statement.owner.properties.get("VpcEndpointType") == "Interface"
        if is_interface and "aws:PrincipalArn" not in statement.conditions.get("ArnEquals", {}):
            yield f"{statement}: for any caller in the VPC"


def _ingresses(stack: Stack) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Yield every ingress rule, with the resource that has it: a group or a separate rule."""
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
