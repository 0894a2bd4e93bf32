"""Let a template's EC2 instance be one in the emulator's EC2, which can be described, stopped and started there.

ministack's EC2 keeps instances as records and runs nothing for them, but its CloudFormation does not know the type. The
record is what `aws ec2` and the alarms look at: stopping it is the machine that is down.
"""

from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from patched_ministack.resource_schemas import ResourceSchemas

INSTANCE = "AWS::EC2::Instance"

type Properties = dict[str, Any]
type Made = tuple[str, dict[str, Any]]


def register(schemas: ResourceSchemas) -> None:
    """Add the type, unless ministack has learned it by itself."""

    def create(_logical_id: str, properties: Properties, _stack_name: str) -> Made:
        schemas.check(INSTANCE, properties)
        [instance] = ec2._launch_instances_internal(count=1, **_described(properties))
        ec2._tags[instance["InstanceId"]] = list(properties.get("Tags", []))
        return instance["InstanceId"], _attributes(instance)

    def update(identifier: str, _old: Properties, properties: Properties, _stack_name: str) -> Made:
        """Change the record in place: what replaces a machine on AWS, another image say, keeps its id here."""
        schemas.check(INSTANCE, properties)
        instance = ec2._instances[identifier]
        described = _described(properties)
        instance.update(
            ImageId=described["image_id"], InstanceType=described["instance_type"], UserData=described["user_data"]
        )
        ec2._tags[identifier] = list(properties.get("Tags", []))
        return identifier, _attributes(instance)

    def delete(identifier: str, _properties: Properties) -> None:
        if identifier in ec2._instances:
            ec2._terminate_instances({"InstanceId.1": [identifier]})

    provisioners._RESOURCE_HANDLERS.setdefault(INSTANCE, {"create": create, "update": update, "delete": delete})


def _described(properties: Properties) -> dict[str, Any]:
    """Word the properties as ministack launches an instance; the network may stand at the instance or its interface."""
    interface: Properties = next(iter(properties.get("NetworkInterfaces", [])), {})
    # `!Ref` of a profile is its name on AWS, its ARN in ministack.
    named: str = properties.get("IamInstanceProfile", "")
    named_by = "iam_arn" if named.startswith("arn:") else "iam_name"
    profile, _fault = ec2._resolve_iam_instance_profile(**{named_by: named}, allow_missing=True)
    return {
        "image_id": properties["ImageId"],
        "instance_type": properties.get("InstanceType", "m1.small"),
        "subnet_id": interface.get("SubnetId", properties.get("SubnetId", "")),
        "sg_ids": interface.get("GroupSet", properties.get("SecurityGroupIds", [])),
        "user_data": properties.get("UserData", ""),
        "iam_profile": profile,
    }


def _attributes(instance: dict[str, Any]) -> dict[str, Any]:
    return {
        "InstanceId": instance["InstanceId"],
        "PrivateIp": instance["PrivateIpAddress"],
        "PublicIp": instance["PublicIpAddress"],
        "PrivateDnsName": instance["PrivateDnsName"],
        "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
    }
