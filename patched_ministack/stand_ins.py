"""Stand in for the resource types that ministack lacks, so that the real template deploys unchanged.

A stand-in creates nothing, with two exceptions: a Redshift namespace sets its administrator on the local Redshift
endpoint, and an instance (`instances`) becomes a record in the emulator's EC2. But its properties are checked against
the schema that AWS publishes for the type, as CloudFormation does: an unknown, missing or malformed property fails the
deployment. So does a workgroup with a capacity that AWS does not offer in the region (`aws_limits`), and a namespace or
workgroup whose name is taken, for example by one that a deleted stack has kept.
"""

import hashlib
import http.client
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from patched_ministack import aws_limits, seams, taken_names
from patched_ministack.resource_schemas import ResourceSchemas

Properties = dict[str, Any]
Identify = Callable[[Properties, str], str]
Attributes = Callable[[str, Properties], dict[str, Any]]

# The address that a stand-in gets: one of those reserved for documentation (RFC 5737).
NOWHERE = "192.0.2.1"


@dataclass(frozen=True)
class Workgroup:
    """A Redshift workgroup: its name, its namespace's name, and its base capacity."""

    name: str
    namespace: str
    capacity: float

    @classmethod
    def of(cls, properties: Properties) -> Self:
        return cls(properties["WorkgroupName"], properties["NamespaceName"], float(properties["BaseCapacity"]))


@dataclass
class Warehouse:
    """The local Redshift endpoint: its address, its administrator, and its use.

    The endpoint needs the emulator's address, so it starts later. Its ready file then says where it listens.
    """

    ready_file: str
    control_token: str
    host: str = "localhost"
    workgroup: Workgroup | None = None

    @property
    def port(self) -> int:
        return int(self._ready()["port"])

    def _ready(self) -> dict[str, Any]:
        ready: dict[str, Any] = json.loads(Path(self.ready_file).read_text("utf-8"))
        return ready

    def set_administrator(self, properties: Properties) -> None:
        administrator = {
            "user": properties["AdminUsername"],
            "password": properties["AdminUserPassword"],
            "database": properties.get("DbName", "dev"),
            "roles": properties.get("IamRoles", []),
        }
        with closing(self._control()) as control:
            control.request("POST", "/", json.dumps(administrator), self._headers())
            status = control.getresponse().status
        if status >= http.client.BAD_REQUEST:
            raise ValueError(f"The local Redshift endpoint refused the namespace's administrator (status {status}).")

    def set_workgroup(self, properties: Properties) -> None:
        workgroup = Workgroup.of(properties)
        maximum = properties.get("MaxCapacity")
        faults = aws_limits.capacity_faults(
            seams.REGION(), int(workgroup.capacity), None if maximum is None else int(maximum)
        )
        if problem := "; ".join(faults):
            raise ValueError(problem)
        self.workgroup = workgroup

    def use(self) -> dict[str, float]:
        """Give how long the endpoint has been busy since it started, and how much it stores."""
        with closing(self._control()) as control:
            control.request("GET", "/", headers=self._headers())
            answer = control.getresponse()
            if answer.status != http.client.OK:
                raise ConnectionError(f"The local Redshift endpoint did not report its use (status {answer.status}).")
            use: dict[str, float] = json.loads(answer.read())
        return use

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", "Authorization": f"Bearer {self.control_token}"}

    def _control(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._ready()["control_port"], timeout=10)


@dataclass(frozen=True)
class StandIn:
    """What a type gives for `!Ref` (`identify`) and for `!GetAtt` (`attributes`).

    `named_by` is the property that identifies it in the account; an existing one is imported by it.
    """

    identify: Identify
    attributes: Attributes
    on_change: Callable[[Properties], None] | None = None
    named_by: str | None = None


def _named(name: str) -> Identify:
    return lambda properties, _unique: str(properties[name])


def _numbered(prefix: str) -> Identify:
    return lambda _properties, unique: f"{prefix}{unique[:17]}"


def _arn(kind: str, identifier: str) -> str:
    return f"arn:aws:redshift-serverless:{seams.REGION()}:{seams.ACCOUNT_ID()}:{kind}/{identifier}"


def _stand_ins(warehouse: Warehouse) -> dict[str, StandIn]:
    return {
        "AWS::RedshiftServerless::Namespace": StandIn(
            identify=_named("NamespaceName"),
            attributes=lambda name, _properties: {
                "Namespace.NamespaceArn": _arn("namespace", name),
                "Namespace.NamespaceName": name,
            },
            on_change=warehouse.set_administrator,
            named_by="NamespaceName",
        ),
        "AWS::RedshiftServerless::Workgroup": StandIn(
            identify=_named("WorkgroupName"),
            attributes=lambda name, _properties: {
                "Workgroup.Endpoint.Address": warehouse.host,
                # A number on AWS, where CloudFormation converts it for a property that takes text. ministack does not
                # convert, and fails on an environment variable or a parameter that is a number.
                "Workgroup.Endpoint.Port": str(warehouse.port),
                "Workgroup.WorkgroupArn": _arn("workgroup", name),
                "Workgroup.WorkgroupName": name,
            },
            on_change=warehouse.set_workgroup,
            named_by="WorkgroupName",
        ),
        "AWS::EC2::SecurityGroupIngress": StandIn(_numbered("sgr-"), lambda rule, _properties: {"Id": rule}),
        "AWS::EC2::SecurityGroupEgress": StandIn(_numbered("sgr-"), lambda rule, _properties: {"Id": rule}),
        "AWS::EC2::EIP": StandIn(
            lambda _properties, _unique: NOWHERE,
            lambda address, _properties: {"PublicIp": address, "AllocationId": "eipalloc-0123456789abcdef0"},
        ),
        "AWS::EC2::EIPAssociation": StandIn(_numbered("eipassoc-"), lambda identifier, _properties: {"Id": identifier}),
        "AWS::Logs::QueryDefinition": StandIn(
            _numbered("query-"), lambda query, _properties: {"QueryDefinitionId": query}
        ),
    }


def register(warehouse: Warehouse, schemas: ResourceSchemas) -> None:
    """Add the types that ministack lacks; one that ministack itself has by now stays as it is."""
    handlers = seams.RESOURCE_HANDLERS.value
    for resource_type, stand_in in _stand_ins(warehouse).items():
        if resource_type not in handlers:
            _register(resource_type, stand_in, schemas)


def _register(resource_type: str, stand_in: StandIn, schemas: ResourceSchemas) -> None:
    names: set[str] = set()

    def create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, dict[str, Any]]:
        schemas.check(resource_type, properties)
        unique = hashlib.sha256(f"{stack_name}/{logical_id}".encode()).hexdigest()
        name = stand_in.identify(properties, unique)
        if stand_in.named_by is not None:
            taken_names.refuse_taken(resource_type, name, is_taken=name in names)
        changed = change(name, properties)
        names.add(name)
        return changed

    def update(
        name: str, _old: Properties, properties: Properties, _stack_name: str, _logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        schemas.check(resource_type, properties)
        return change(name, properties)

    def change(name: str, properties: Properties) -> tuple[str, dict[str, Any]]:
        if stand_in.on_change is not None:
            stand_in.on_change(properties)
        return name, stand_in.attributes(name, properties)

    def delete(name: str, _properties: Properties) -> None:
        names.discard(name)

    seams.RESOURCE_HANDLERS.value[resource_type] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }
    if stand_in.named_by is not None:
        # An import changes nothing: a namespace's administrator keeps the password that it has.
        taken_names.allow_import(
            resource_type,
            stand_in.named_by,
            lambda name: (name, stand_in.attributes(name, {})) if name in names else None,
        )
