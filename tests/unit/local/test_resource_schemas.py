"""The properties of a stand-in are checked as CloudFormation checks them, and no message repeats a value."""

from typing import Any

import pytest

from cafe.local.emulator import REGION, resource_schemas
from patched_ministack.resource_schemas import ResourceSchemas

NAMESPACE = "AWS::RedshiftServerless::Namespace"
WORKGROUP = "AWS::RedshiftServerless::Workgroup"


@pytest.fixture(scope="module")
def schemas() -> ResourceSchemas:
    return ResourceSchemas(str(resource_schemas()), REGION)


@pytest.mark.parametrize(
    ("resource_type", "properties"),
    [
        (NAMESPACE, {"NamespaceName": "cafe-dev", "DbName": "cafe", "AdminUsername": "cafe_admin"}),
        (WORKGROUP, {"WorkgroupName": "cafe-dev", "BaseCapacity": 4, "PubliclyAccessible": False}),
        (WORKGROUP, {"WorkgroupName": "cafe-dev", "BaseCapacity": "4", "PubliclyAccessible": "false"}),
        ("AWS::EC2::SecurityGroupIngress", {"IpProtocol": "tcp", "FromPort": 5439, "CidrIp": "10.20.0.0/16"}),
    ],
    ids=["namespace", "workgroup", "scalars written as text", "ingress"],
)
def test_properties_that_fit_the_type_are_accepted(
    schemas: ResourceSchemas, resource_type: str, properties: dict[str, Any]
) -> None:
    schemas.check(resource_type, properties)


@pytest.mark.parametrize(
    ("resource_type", "properties", "complaint"),
    [
        (NAMESPACE, {"DbName": "cafe"}, "'NamespaceName' is a required property"),
        (NAMESPACE, {"NamespaceName": "cafe-dev", "DatabaseName": "cafe"}, "'DatabaseName' was unexpected"),
        (NAMESPACE, {"NamespaceName": "Cafe Dev"}, r"#/NamespaceName: .*\[pattern\]"),
        (NAMESPACE, {"NamespaceName": "cafe-dev", "Namespace": {}}, "#/Namespace: is read-only"),
        (WORKGROUP, {"WorkgroupName": "cafe-dev", "BaseCapacity": "four"}, r"#/BaseCapacity: .*\[type\]"),
        (WORKGROUP, {"WorkgroupName": "cafe-dev", "SubnetIds": "subnet-1"}, r"#/SubnetIds: .*\[type\]"),
    ],
    ids=["missing", "unknown", "malformed", "read-only", "wrong type", "text for a list"],
)
def test_properties_that_do_not_fit_are_refused_with_the_property_named(
    schemas: ResourceSchemas, resource_type: str, properties: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        schemas.check(resource_type, properties)


def test_a_refusal_does_not_repeat_the_password(schemas: ResourceSchemas) -> None:
    with pytest.raises(ValueError, match="AdminUserPassword") as refused:
        schemas.check(NAMESPACE, {"NamespaceName": "cafe-dev", "AdminUserPassword": "sh0rt!"})

    assert "sh0rt!" not in str(refused.value)
