"""Create a template's EC2 instance in the emulator's EC2, where it can be described, stopped and started.

ministack's EC2 keeps an instance as a record and runs nothing for it, but its CloudFormation does not know the type.
`aws ec2` and the alarms read the record: a stopped record plays a machine that is down.
"""

from typing import Any

from patched_ministack import seams
from patched_ministack.resource_schemas import ResourceSchemas

INSTANCE = "AWS::EC2::Instance"

type Properties = dict[str, Any]
type Made = tuple[str, dict[str, Any]]


def register(schemas: ResourceSchemas) -> None:
    """Add the type, unless ministack itself has it by now."""

    def create(_logical_id: str, properties: Properties, _stack_name: str) -> Made:
        schemas.check(INSTANCE, properties)
        [instance] = seams.LAUNCH_INSTANCES(count=1, **_launch_arguments(properties))
        seams.INSTANCE_TAGS.value[instance["InstanceId"]] = list(properties.get("Tags", []))
        return instance["InstanceId"], _attributes(instance)

    def update(identifier: str, _old: Properties, properties: Properties, _stack_name: str) -> Made:
        """Change the record in place. A change that replaces a machine on AWS (a new image) keeps its id here."""
        schemas.check(INSTANCE, properties)
        instance = seams.INSTANCES.value[identifier]
        launched = _launch_arguments(properties)
        instance.update(
            ImageId=launched["image_id"], InstanceType=launched["instance_type"], UserData=launched["user_data"]
        )
        seams.INSTANCE_TAGS.value[identifier] = list(properties.get("Tags", []))
        return identifier, _attributes(instance)

    def delete(identifier: str, _properties: Properties) -> None:
        if identifier in seams.INSTANCES.value:
            seams.TERMINATE_INSTANCES({"InstanceId.1": [identifier]})

    seams.RESOURCE_HANDLERS.value.setdefault(INSTANCE, {"create": create, "update": update, "delete": delete})


def _launch_arguments(properties: Properties) -> dict[str, Any]:
    """Translate the properties into the arguments with which ministack launches an instance."""
    # A template may give the network at the instance or at its interface.
    interface: Properties = next(iter(properties.get("NetworkInterfaces", [])), {})
    # `!Ref` of a profile gives its name on AWS, its ARN in ministack.
    named: str = properties.get("IamInstanceProfile", "")
    named_by = "iam_arn" if named.startswith("arn:") else "iam_name"
    profile, _fault = seams.INSTANCE_PROFILE(**{named_by: named}, allow_missing=True)
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
