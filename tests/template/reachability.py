"""Who can reach what, computed from the expanded template; prints it as a table.

Run ``PYTHONPATH=src:tests python -m template.reachability [PARAMETER=VALUE …]``. Pure: makes no AWS calls.

A request arrives if all of these admit it: the route of the subnet, the name that private DNS gives the service, the
security groups of both ends, the endpoint's policy, the caller's policies, and the resource's policy. An actor in a VPC
must arrive from each of its subnets, because it may run in any of them.

What is not modelled:

- Whether anything listens, and what the warehouse's own roles may read.
- Network ACLs, peering, IPv6, KMS keys, permission boundaries, access points. ``unknown_types`` names a resource that
  the model would overlook; a condition or a rule that it cannot judge raises ValueError.
- The exact actions: a verb means a few, and holds if all are allowed (test_template.py compares every grant).
- Log groups, alarms and schedules: AWS's services write and call them from their own network.
- People's own policies, which the template does not contain: ``operator`` is somebody who may do everything.
- Who may assume a role. The sessions of BranchRole may do what BranchUploadPolicy may.
- The headers of an upload: it names no storage class and no key for its encryption.
- A bucket's public access block. A policy for everybody counts, even if the block would stop it.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from ipaddress import IPv4Network
from types import MappingProxyType
from typing import Any

from template.stack import ACCOUNT, Resource, Stack, Statement, read_source

type Ports = tuple[int, int]
type Request = tuple[str, str]  # an action and the ARN that it names
type Matrix = dict[str, dict[str, frozenset[str]]]  # actor, target, verbs

ANYWHERE = "0.0.0.0/0"
EVERY_PORT: Ports = (0, 65535)
INTERNET = "the internet"

TAKE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
VERBS: dict[str, dict[str, tuple[str, ...]]] = {
    "AWS::SQS::Queue": {"take": TAKE, "send": ("sqs:SendMessage",)},
    "AWS::S3::Bucket": {"list": ("s3:ListBucket",)},
    "AWS::SNS::Topic": {"publish": ("sns:Publish",)},
    "AWS::SecretsManager::Secret": {"read": ("secretsmanager:GetSecretValue",)},
    "AWS::RedshiftServerless::Workgroup": {
        "query": ("redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials")
    },
    "AWS::EC2::Instance": {"open a session": ("ssm:StartSession",)},
}
# Somebody outside who has a policy of the template is of the first branch, and must not reach files of the second.
BRANCHES = ("leeds", "york")
BRANCH_TAG = "aws:PrincipalTag/branch"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
# Keys of an upload that the model's requests do not have.
WITHOUT_A_VALUE = {
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-customer-algorithm",
    "s3:x-amz-storage-class",
}
OBJECT_VERBS = {
    "read": ("s3:GetObject",),
    "read a version": ("s3:GetObjectVersion",),
    "write": ("s3:PutObject",),
    "delete": ("s3:DeleteObject",),
}
# Services whose actions accept no resource.
SERVICES: dict[str, dict[str, tuple[str, ...]]] = {
    "Redshift Data API": {"follow": ("redshift-data:DescribeStatement", "redshift-data:GetStatementResult")},
    "CloudWatch": {"read metrics": ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")},
    "Session Manager": {
        "accept sessions": (
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        )
    },
}
# Names of services in a policy that differ from their endpoint's.
ENDPOINT_NAMES = {"cloudwatch": "monitoring"}

# Of the kinds of resource that decide who reaches what, those that this module reads or that grant nothing.
DECISIVE = re.compile(
    r"AWS::(EC2|ElasticLoadBalancingV2|IAM|KMS|Lambda|Redshift\w*|S3|SecretsManager|SNS|SQS|VpcLattice)::.*"
)
MODELLED = {
    "AWS::EC2::Instance",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::RedshiftServerless::Namespace",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::Secret",
}


def unknown_types(stack: Stack) -> Iterator[Resource]:
    """Yield the resources that may decide who reaches what, and that this model does not know."""
    return (item for item in stack.resources.values() if DECISIVE.fullmatch(item.type) and item.type not in MODELLED)


@dataclass(frozen=True)
class Interface:
    """One address in one subnet of the VPC, with its security groups. A public one has a public address too."""

    subnet: Resource
    groups: tuple[Resource, ...]
    is_public: bool = False


@dataclass(frozen=True)
class Actor:
    """Somebody who sends requests. Place None is outside the VPC: Lambda's own network, or the internet.

    Lambda takes the messages of ``polled`` for a function and under its role, but from Lambda's network.
    """

    name: str
    places: tuple[Interface | None, ...] = (None,)
    statements: tuple[Statement, ...] = ()
    principal: str = ""
    polled: str = ""
    may_do_everything: bool = False
    runs_code: bool = False
    context: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class Reachability:
    """The actors and targets of a template, and what comes between them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    @cached_property
    def actors(self) -> dict[str, Actor]:
        """Return everybody whom the template makes able to send a request, and three outside of it."""
        return {actor.name: actor for actor in self._list_actors()}

    @cached_property
    def requests(self) -> dict[str, dict[str, tuple[Request, ...]]]:
        """Return every target of AWS requests, with its verbs and what each asks."""
        found: dict[str, dict[str, tuple[Request, ...]]] = {}
        for kind, verbs in VERBS.items():
            for target in self._stack.of_type(kind):
                arn = self._stack.text({"Fn::GetAtt": [target.logical_id, "Arn"]})
                found[target.logical_id] = _requests(verbs, arn)
                if kind == "AWS::S3::Bucket":
                    for name, key in sorted({("", "object"), *self._granted_objects(arn)}):
                        # The name "" means the objects that no grant names by a prefix or a pattern of their own.
                        found[f"{target.logical_id}/{name}"] = _requests(OBJECT_VERBS, f"{arn}/{key}")
        return found | {service: _requests(verbs, "*") for service, verbs in SERVICES.items()}

    @cached_property
    def listeners(self) -> dict[str, tuple[Interface, ...]]:
        """Return everything in the VPC that has an address of its own and may accept a connection."""
        kinds = ("AWS::RedshiftServerless::Workgroup", "AWS::EC2::Instance", "AWS::EC2::VPCEndpoint")
        listening = [*self._stack.of_type(*kinds, "AWS::ElasticLoadBalancingV2::LoadBalancer")]
        return {item.logical_id: places for item in listening if (places := self._interfaces(item))}

    def matrix(self) -> Matrix:
        """Return for each actor what it reaches, and how. What anyone reaches is listed for ``anyone`` only."""
        reached = {
            name: {target: self._verbs(actor, target) for target in (*self.requests, *self.listeners, INTERNET)}
            for name, actor in self.actors.items()
        }
        for name, targets in reached.items():
            for target in targets:
                if name != "anyone":
                    targets[target] -= reached["anyone"][target]
        return {name: {target: verbs for target, verbs in found.items() if verbs} for name, found in reached.items()}

    def obstacle(self, actor: str, target: str, verb: str) -> str:
        """Say what keeps this actor from this target."""
        if target not in {INTERNET, *self.requests, *self.listeners}:
            return "it is not in the template"
        for request in self.requests.get(target, {}).get(verb, ()):
            for place in self.actors[actor].places:
                if problem := self._obstacle(self.actors[actor], place, *request):
                    return problem
        return "no route, or a security group of either end does not admit it"

    # --- actors

    def _list_actors(self) -> Iterator[Actor]:
        stack = self._stack
        polled = {
            stack.text(mapping.properties["FunctionName"]): stack.text(mapping.properties["EventSourceArn"])
            for mapping in stack.of_type("AWS::Lambda::EventSourceMapping")
        }
        for function in stack.of_type("AWS::Lambda::Function"):
            queue = polled.get(stack.text({"Ref": function.logical_id}), "")
            yield self._with_role(function, function.properties["Role"], "lambda.amazonaws.com", queue)
        for host in stack.of_type("AWS::EC2::Instance"):
            profile = stack.target(host.properties.get("IamInstanceProfile"))
            role = profile.properties["Roles"][0] if profile else None
            yield self._with_role(host, role, "ec2.amazonaws.com")
        for workgroup in stack.of_type("AWS::RedshiftServerless::Workgroup"):
            namespace = stack.target(workgroup.properties["NamespaceName"])
            (role,) = namespace.properties["IamRoles"] if namespace else (None,)
            yield self._with_role(workgroup, role, "redshift-serverless.amazonaws.com")
        for balancer in stack.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
            yield self._with_role(balancer, None, "")
        for bucket in stack.of_type("AWS::S3::Bucket"):
            if "NotificationConfiguration" in bucket.properties:
                source = stack.text({"Fn::GetAtt": [bucket.logical_id, "Arn"]})
                context = {"aws:sourcearn": source, "aws:sourceaccount": ACCOUNT}
                yield Actor(bucket.logical_id, principal="s3.amazonaws.com", context=context)
        for policy in stack.of_type("AWS::IAM::ManagedPolicy"):
            statements, tags = self._statements_of(policy), {BRANCH_TAG: BRANCHES[0]}
            yield Actor(policy.logical_id, statements=statements, principal="a user outside", tags=tags)
        yield Actor("operator", principal="an operator", may_do_everything=True)
        yield Actor("anyone")

    def _with_role(self, owner: Resource, reference: Any, service: str, polled: str = "") -> Actor:
        places = self._interfaces(owner) or (None,)
        if owner.type == "AWS::RedshiftServerless::Workgroup" and not owner.properties.get("EnhancedVpcRouting"):
            places = (None,)  # COPY uses Redshift's own network
        role = self._stack.target(reference)
        if role is None or not _trusts(role, service):
            return Actor(owner.logical_id, places, runs_code=True)
        statements = self._statements_of(role)
        return Actor(owner.logical_id, places, statements, self._stack.text(reference), polled, runs_code=True)

    def _statements_of(self, role: Resource) -> tuple[Statement, ...]:
        attached = {
            policy.logical_id
            for policy in self._stack.of_type("AWS::IAM::ManagedPolicy")
            if role in map(self._stack.target, policy.properties.get("Roles", []))
        }
        owners = {role.logical_id, *attached}
        return tuple(statement for statement in self._stack.statements() if statement.owner.logical_id in owners)

    def _granted_objects(self, bucket_arn: str) -> Iterator[tuple[str, str]]:
        """Yield a name and a key of the objects that a grant names: by a prefix, or by a pattern with a variable."""
        for statement in self._stack.statements("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
            for resource in map(self._stack.text, statement.resources):
                if not resource.startswith(f"{bucket_arn}/"):
                    continue
                pattern = resource.removeprefix(f"{bucket_arn}/")
                if not _VARIABLE.search(pattern):
                    prefix = pattern.partition("*")[0]
                    yield prefix, f"{prefix}object"
                    continue
                for branch in BRANCHES:
                    name = _filled_in(pattern, {BRANCH_TAG: branch})
                    yield name, name.replace("*", "0").replace("?", "0")

    # --- network

    def _interfaces(self, owner: Resource) -> tuple[Interface, ...]:
        """Return where a resource has an address in the VPC. Nothing if it has none."""
        properties = owner.properties
        if owner.type == "AWS::EC2::Instance":
            return tuple(
                self._interface(item["SubnetId"], item["GroupSet"], bool(item.get("AssociatePublicIpAddress")))
                for item in properties["NetworkInterfaces"]
            )
        vpc = properties.get("VpcConfig", properties)
        subnets = vpc.get("SubnetIds", vpc.get("Subnets", []))
        groups = vpc.get("SecurityGroupIds", vpc.get("SecurityGroups", []))
        is_public = properties.get("PubliclyAccessible") is True or properties.get("Scheme") == "internet-facing"
        return tuple(self._interface(subnet, groups, is_public) for subnet in subnets)

    def _interface(self, subnet: Any, groups: Iterable[Any], is_public: bool) -> Interface:
        targets = [self._stack.target(reference) for reference in (subnet, *groups)]
        found = [target for target in targets if target is not None]
        if len(found) != len(targets):
            raise ValueError("the model reads subnets and security groups of this template only")
        return Interface(found[0], tuple(found[1:]), is_public)

    def _rules(self, groups: Iterable[Resource], direction: str) -> Iterator[dict[str, Any]]:
        """Yield the rules of these groups, ``Ingress`` or ``Egress``: their own, and those beside them."""
        everything = [{"IpProtocol": "-1", "CidrIp": ANYWHERE}]  # what AWS adds to a group without egress
        for group in groups:
            stated = group.properties.get(f"SecurityGroup{direction}", [])
            yield from stated or (everything if direction == "Egress" else [])
            for rule in self._stack.of_type(f"AWS::EC2::SecurityGroup{direction}"):
                if self._stack.target(rule.properties["GroupId"]) == group:
                    yield rule.properties

    def _ports(self, place: Interface | None, direction: str, peer: Interface | None) -> Iterator[Ports]:
        """Yield the TCP ports on which this place may exchange with the peer. None is any address outside the VPC."""
        if place is None:
            yield EVERY_PORT
            return
        for rule in self._rules(place.groups, direction):
            if rule["IpProtocol"] in ("tcp", "6", "-1") and self._admits(rule, peer):
                yield (rule["FromPort"], rule["ToPort"]) if "FromPort" in rule else EVERY_PORT

    def _admits(self, rule: Mapping[str, Any], peer: Interface | None) -> bool:
        group = rule.get("SourceSecurityGroupId", rule.get("DestinationSecurityGroupId"))
        if group is not None:
            return peer is not None and self._stack.target(group) in peer.groups
        if "CidrIp" not in rule:
            if "CidrIpv6" in rule:
                return False
            raise ValueError(f"the model cannot judge the rule {dict(rule)}")
        admitted = IPv4Network(rule["CidrIp"])
        if peer is None:
            return not admitted.is_loopback and not admitted.subnet_of(self._vpc_range)
        there = IPv4Network(peer.subnet.properties["CidrBlock"])
        if admitted.overlaps(there) and not there.subnet_of(admitted):
            raise ValueError(f"{rule['CidrIp']} is a part of {peer.subnet.logical_id}")
        return admitted.overlaps(there)

    @cached_property
    def _vpc(self) -> Resource:
        (vpc,) = self._stack.of_type("AWS::EC2::VPC")
        return vpc

    @cached_property
    def _vpc_range(self) -> IPv4Network:
        return IPv4Network(self._vpc.properties["CidrBlock"])

    def _open_ports(self, place: Interface | None, there: Interface) -> frozenset[Ports]:
        if place is None and not (there.is_public and self._leads_outside(there.subnet)):
            return frozenset()
        return frozenset(
            (low, high)
            for sent in self._ports(place, "Egress", there)
            for accepted in self._ports(there, "Ingress", place)
            if (low := max(sent[0], accepted[0])) <= (high := min(sent[1], accepted[1]))
        )

    def _route_tables(self, subnet: Resource) -> list[Resource]:
        """Return the subnet's own table. The VPC's main table leads nowhere, so it is left out."""
        return [
            table
            for association in self._stack.of_type("AWS::EC2::SubnetRouteTableAssociation")
            if self._stack.target(association.properties["SubnetId"]) == subnet
            and (table := self._stack.target(association.properties["RouteTableId"]))
        ]

    def _leads_outside(self, subnet: Resource) -> bool:
        attached = [
            self._stack.target(attachment.properties.get("InternetGatewayId"))
            for attachment in self._stack.of_type("AWS::EC2::VPCGatewayAttachment")
        ]
        tables = self._route_tables(subnet)
        routes = [
            route.properties
            for route in self._stack.of_type("AWS::EC2::Route")
            if self._stack.target(route.properties["RouteTableId"]) in tables
        ]
        for route in routes:
            if route.get("DestinationCidrBlock") != ANYWHERE or "GatewayId" not in route:
                raise ValueError(f"the model cannot judge the route {route}")
        return any(self._stack.target(route["GatewayId"]) in attached for route in routes)

    def _ports_to_the_internet(self, place: Interface | None) -> frozenset[Ports]:
        if place and not (place.is_public and self._leads_outside(place.subnet)):
            return frozenset()
        return frozenset(self._ports(place, "Egress", None))

    # --- requests to AWS

    def _endpoint(self, place: Interface, service: str) -> Resource | None:
        """Return the endpoint that a request to this service meets: by private DNS, else by the subnet's routes."""
        vpc = self._vpc.properties
        has_private_names = vpc.get("EnableDnsSupport", True) and vpc.get("EnableDnsHostnames", False)
        tables = self._route_tables(place.subnet)
        for endpoint in self._stack.of_type("AWS::EC2::VPCEndpoint"):
            properties = endpoint.properties
            if self._stack.text(properties["ServiceName"]).rpartition(".")[2] != service:
                continue
            if properties.get("VpcEndpointType", "Gateway") == "Interface":
                if has_private_names and properties.get("PrivateDnsEnabled"):
                    return endpoint
            elif any(self._stack.target(reference) in tables for reference in properties.get("RouteTableIds", [])):
                return endpoint
        return None

    def _closed(self, place: Interface, endpoint: Resource | None) -> str:
        """Say why no connection to a service is possible, over its endpoint or the internet. Empty if one is."""
        if endpoint is None:
            if any(low <= 443 <= high for low, high in self._ports_to_the_internet(place)):
                return ""
            return f"{place.subnet.logical_id} has no endpoint for the service, and no way to the internet"
        interfaces = self._interfaces(endpoint)
        ports = [self._open_ports(place, there) for there in interfaces]
        if not interfaces:  # a gateway: it has no address and no security group
            ports = [frozenset(self._ports(place, "Egress", None))]
        if all(any(low <= 443 <= high for low, high in open_ports) for open_ports in ports):
            return ""
        return f"its requests go to {endpoint.logical_id}, and a security group does not admit them"

    def _obstacle(self, actor: Actor, place: Interface | None, action: str, arn: str) -> str:
        """Say what stops a request. Empty if nothing does."""
        if action in TAKE and arn == actor.polled:
            place = None
        endpoint = None
        if place is not None:
            service = action.partition(":")[0]
            endpoint = self._endpoint(place, ENDPOINT_NAMES.get(service, service))
            if closed := self._closed(place, endpoint):
                return closed
        context = {
            "aws:securetransport": "true",
            "aws:principalarn": actor.principal,
            "aws:sourcearn": "",
            "aws:sourceaccount": "",
            # Only statements that the actor itself has sent are asked for.
            "redshift-data:statement-owner-iam-userid": "${aws:userid}",
            # Lists of a whole bucket.
            "s3:prefix": "",
            **actor.context,
        }
        own = [item for item in actor.statements if self._applies(item, action, arn, context, tags=actor.tags)]
        of_target = [item for item in self._policies_of(arn) if self._applies(item, action, arn, context, actor)]
        of_endpoint = [
            item
            for item in self._stack.statements("AWS::EC2::VPCEndpoint")
            if item.owner == endpoint and self._applies(item, action, arn, context, actor)
        ]
        for statement in (*own, *of_target, *of_endpoint):
            if statement.effect == "Deny":
                return f"{statement} denies it"
        if endpoint and not of_endpoint and "PolicyDocument" in endpoint.properties:
            return f"the policy of {endpoint.logical_id} does not allow it"
        if own or of_target or actor.may_do_everything:
            return ""
        return "no policy allows it"

    def _policies_of(self, arn: str) -> Iterator[Statement]:
        policies = ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
        for statement in self._stack.statements(*policies):
            properties = statement.owner.properties
            for attached in (properties.get("Bucket"), *properties.get("Queues", []), *properties.get("Topics", [])):
                if (resource := self._stack.target(attached)) is not None:
                    owned = self._stack.text({"Fn::GetAtt": [resource.logical_id, "Arn"]})
                    if arn == owned or arn.startswith(f"{owned}/"):
                        yield statement

    def _applies(
        self,
        statement: Statement,
        action: str,
        arn: str,
        context: Mapping[str, str],
        actor: Actor | None = None,
        tags: Mapping[str, str] = MappingProxyType({}),
    ) -> bool:
        """Whether a statement is about this request; with an actor, also whether it names the actor.

        A resource with a variable that the tags do not have matches nothing.
        """
        if not statement.actions or not statement.resources:
            raise ValueError(f"the model cannot judge {statement}, which names what it leaves out")
        filled_in = [_filled_in(self._stack.text(item), tags) for item in statement.resources]
        resources = [resource for resource in filled_in if not _VARIABLE.search(resource)]
        principals = [self._stack.text(item) for item in statement.principals]
        return (
            any(fnmatchcase(action.lower(), pattern.lower()) for pattern in statement.actions)
            and any(fnmatchcase(arn, pattern) for pattern in resources)
            and (actor is None or any(item in ("*", actor.principal) for item in principals))
            and self._hold(statement, context)
        )

    def _hold(self, statement: Statement, context: Mapping[str, str]) -> bool:
        for operator, tests in statement.conditions.items():
            matches = str.__eq__ if operator in ("Bool", "StringEquals") else fnmatchcase
            if operator not in (
                "ArnEquals",
                "ArnLike",
                "Bool",
                "Null",
                "StringEquals",
                "StringLike",
                "StringNotEquals",
            ):
                raise ValueError(f"the model cannot judge the condition {operator} of {statement}")
            for key, wanted in tests.items():
                if operator in ("Null", "StringNotEquals") and key in WITHOUT_A_VALUE:
                    # A negated operator holds for a key that is absent, as Null: "true" does.
                    if operator == "Null" and wanted != "true":
                        return False
                    continue
                if key.lower() not in context or operator in ("Null", "StringNotEquals"):
                    raise ValueError(f"the model cannot judge the condition key {key} of {statement}")
                patterns = [self._stack.text(item) for item in (wanted if isinstance(wanted, list) else [wanted])]
                if not any(matches(context[key.lower()], item) for item in patterns):
                    return False
        return True

    # --- verbs

    def _verbs(self, actor: Actor, target: str) -> frozenset[str]:
        """Return how an actor reaches a target, and say so if it does from some of its subnets only."""
        found = [frozenset(self._verbs_from(actor, place, target)) for place in actor.places]
        everywhere = frozenset.intersection(*found)
        return everywhere | {f"{verb}, from some subnets" for verb in frozenset.union(*found) - everywhere}

    def _verbs_from(self, actor: Actor, place: Interface | None, target: str) -> Iterator[str]:
        for verb, requests in self.requests.get(target, {}).items():
            if not any(self._obstacle(actor, place, *request) for request in requests):
                yield verb
        for there in self.listeners.get(target, ()):
            if there not in actor.places:
                yield from map(_tcp, self._open_ports(place, there))
        if target == INTERNET and actor.runs_code:
            yield from map(_tcp, self._ports_to_the_internet(place))


def render(matrix: Matrix, targets: Iterable[str]) -> str:
    """Lay the matrix out as text: a line for each target, a column for each actor."""
    actors = list(matrix)
    lines = [["", *actors]]
    for target in targets:
        cells = [", ".join(sorted(matrix[actor].get(target, ()))) for actor in actors]
        if any(cells):
            lines.append([target, *cells])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{row.rstrip()}\n" for row in rows)


def _filled_in(pattern: str, tags: Mapping[str, str]) -> str:
    """Replace the variables of a resource that the tags have a value for."""
    return _VARIABLE.sub(lambda found: tags.get(found[1], found[0]), pattern)


def _requests(verbs: Mapping[str, tuple[str, ...]], arn: str) -> dict[str, tuple[Request, ...]]:
    return {verb: tuple((action, arn) for action in actions) for verb, actions in verbs.items()}


def _tcp(ports: Ports) -> str:
    low, high = ports
    return "tcp any" if ports == EVERY_PORT else f"tcp {low}" if low == high else f"tcp {low}-{high}"


def _trusts(role: Resource, service: str) -> bool:
    return any(
        service in (names if isinstance(names, list) else [names])
        for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and isinstance(statement["Principal"], dict)
        for names in statement["Principal"].values()
    )


if __name__ == "__main__":
    asked = Reachability(Stack(read_source(), dict(argument.split("=", 1) for argument in sys.argv[1:])))
    sys.stdout.write(render(asked.matrix(), dict.fromkeys((*asked.requests, *asked.listeners, INTERNET))))
