"""House rules for machines: their role cannot be stolen through them, and their disk cannot be read."""

import re
from collections.abc import Iterator

from template.stack import Stack

# Public parameters of Amazon's own images: an id would be of one region, and without patches for ever.
IMAGE_PARAMETER = re.compile(r"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-(arm64|x86_64)")
INSTANCE_FAMILIES = {"arm64": "t4g", "x86_64": "t3"}


def hosts_give_their_role_to_sessions_only(stack: Stack) -> Iterator[str]:
    """IMDSv2: a page that can be made to fetch an address does not get the role. Two hops: host and container."""
    for host in stack.of_type("AWS::EC2::Instance"):
        metadata = host.properties.get("MetadataOptions", {})
        if metadata.get("HttpTokens") != "required":
            yield f"{host.logical_id}: answers without a session's token"
        if metadata.get("HttpPutResponseHopLimit") != 2:
            yield f"{host.logical_id}: its container cannot have the role, or more than it can"


def hosts_encrypt_their_disk(stack: Stack) -> Iterator[str]:
    """Stated for the root device too, which the image describes otherwise."""
    for host in stack.of_type("AWS::EC2::Instance"):
        disks = {
            disk["DeviceName"]: disk.get("Ebs", {}).get("Encrypted")
            for disk in host.properties.get("BlockDeviceMappings", [])
        }
        if disks.get("/dev/xvda") is not True or set(disks.values()) != {True}:
            yield f"{host.logical_id}: its disk is not encrypted"


def hosts_run_a_published_image_of_their_processor(stack: Stack) -> Iterator[str]:
    """The newest Amazon Linux 2023 by its public parameter, on a machine that can run it."""
    for host in stack.of_type("AWS::EC2::Instance"):
        image = IMAGE_PARAMETER.fullmatch(str(host.properties.get("ImageId")))
        family = str(host.properties.get("InstanceType")).partition(".")[0]
        if image is None:
            yield f"{host.logical_id}: no public parameter names its image"
        elif INSTANCE_FAMILIES[image[1]] != family:
            yield f"{host.logical_id}: an image for {image[1]} on {family}"


def hosts_have_no_key(stack: Stack) -> Iterator[str]:
    """Session Manager knows who comes and says so in CloudTrail; a key is passed on."""
    for host in stack.of_type("AWS::EC2::Instance"):
        if "KeyName" in host.properties:
            yield f"{host.logical_id}: has a key pair"


def user_data_holds_no_secret(stack: Stack) -> Iterator[str]:
    """Whoever may describe the instance reads its user data."""
    for host in stack.of_type("AWS::EC2::Instance"):
        if "{{resolve:" in str(host.properties.get("UserData")):
            yield f"{host.logical_id}: a secret is resolved into its user data"


def dashboards_have_the_readers_role_only(stack: Stack) -> Iterator[str]:
    """Whoever gets temporary credentials of the warehouse is somebody there: only one who reads the marts."""
    for statement in stack.statements("AWS::IAM::Role"):
        if "redshift-serverless:GetCredentials" in statement.actions:
            tags = {tag["Key"]: tag["Value"] for tag in statement.owner.properties.get("Tags", [])}
            if tags.get("RedshiftDbRoles") != "mart_reader":
                yield f"{statement.owner.logical_id}: nobody, or somebody else, in the warehouse"
