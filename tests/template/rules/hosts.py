"""House rules for machines: nobody can steal their role or read their disk."""

import re
from collections.abc import Iterator
from itertools import product

from template.stack import Stack

# Public parameters of Amazon's own images. An image id is valid in one region only, and never gets patches.
IMAGE_PARAMETER = re.compile(r"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-(arm64|x86_64)")
INSTANCE_FAMILIES = {"arm64": "t4g", "x86_64": "t3"}


def hosts_give_their_role_to_sessions_only(stack: Stack) -> Iterator[str]:
    """IMDSv2: a program that is tricked into fetching a URL cannot get the role. Two hops: host and container."""
    for host in stack.of_type("AWS::EC2::Instance"):
        metadata = host.properties.get("MetadataOptions", {})
        if metadata.get("HttpTokens") != "required":
            yield f"{host.logical_id}: its metadata service answers without a session token"
        if metadata.get("HttpPutResponseHopLimit") != 2:
            yield f"{host.logical_id}: HttpPutResponseHopLimit is not 2, for the host and its container"


def hosts_encrypt_their_disk(stack: Stack) -> Iterator[str]:
    """The root device has to be listed too: the image alone leaves it unencrypted."""
    for host in stack.of_type("AWS::EC2::Instance"):
        disks = {
            disk["DeviceName"]: disk.get("Ebs", {}).get("Encrypted")
            for disk in host.properties.get("BlockDeviceMappings", [])
        }
        if disks.get("/dev/xvda") is not True or set(disks.values()) != {True}:
            yield f"{host.logical_id}: its disk is not encrypted"


def hosts_run_a_published_image_of_their_processor(stack: Stack) -> Iterator[str]:
    """The image is the newest Amazon Linux 2023, by its public parameter, for the machine's processor."""
    for host in stack.of_type("AWS::EC2::Instance"):
        image = IMAGE_PARAMETER.fullmatch(str(host.properties.get("ImageId")))
        family = str(host.properties.get("InstanceType")).partition(".")[0]
        if image is None:
            yield f"{host.logical_id}: its image is not a public parameter"
        elif INSTANCE_FAMILIES[image[1]] != family:
            yield f"{host.logical_id}: an image for {image[1]} on {family}"


def hosts_have_no_key(stack: Stack) -> Iterator[str]:
    """Session Manager records each user in CloudTrail. A key can be passed on."""
    for host in stack.of_type("AWS::EC2::Instance"):
        if "KeyName" in host.properties:
            yield f"{host.logical_id}: has a key pair"


def user_data_holds_no_secret(stack: Stack) -> Iterator[str]:
    """Anyone who may describe the instance can read its user data."""
    for host in stack.of_type("AWS::EC2::Instance"):
        if "{{resolve:" in str(host.properties.get("UserData")):
            yield f"{host.logical_id}: a secret is resolved into its user data"


def dashboards_read_the_marts_only(stack: Stack) -> Iterator[str]:
    """A role that gets temporary credentials for the warehouse has the database role mart_reader and no other."""
    for statement in stack.statements("AWS::IAM::Role"):
        if "redshift-serverless:GetCredentials" in statement.actions:
            tags = {tag["Key"]: tag["Value"] for tag in statement.owner.properties.get("Tags", [])}
            if tags.get("RedshiftDbRoles") != "mart_reader":
                yield f"{statement.owner.logical_id}: its role in the warehouse is not mart_reader"


def grafana_is_given_the_address_that_browsers_see(stack: Stack) -> Iterator[str]:
    """Behind a balancer Grafana sees plain HTTP and a private address, and its links and cookies would be for those."""
    listeners = [
        listener
        for listener in stack.of_type("AWS::ElasticLoadBalancingV2::Listener")
        if listener.properties.get("Protocol") == "HTTPS"
    ]
    address, secure = "http://localhost:3000/", "false"
    if listeners:
        address, secure = f"https://{stack.text({'Ref': 'BalancerDomainName'})}/", "true"
    for host in stack.of_type("AWS::EC2::Instance"):
        text, values = host.properties["UserData"]["Fn::Base64"]["Fn::Sub"]
        for fact, wanted in {"GF_SERVER_ROOT_URL": address, "GF_SECURITY_COOKIE_SECURE": secure}.items():
            written = re.findall(rf"^{fact}=\$\{{(\w+)\}}$", text, re.MULTILINE)
            found = [stack.text(values[name]) for name in written if name in values]
            if found != [wanted]:
                yield f"{host.logical_id}: {fact} is {found}, not {wanted}"


def the_template_refuses_a_balancer_without_its_name(stack: Stack) -> Iterator[str]:
    """A name without a certificate would be believed to work, and a certificate without a name gives broken links."""
    for certificate, name in product(("", "arn:aws:acm:eu-west-2:1:certificate/a"), ("", "dashboards.example.com")):
        refusals = list(stack.refusals(BalancerCertificateArn=certificate, BalancerDomainName=name))
        if bool(refusals) != (bool(certificate) != bool(name)):
            yield f"Rules: certificate {certificate!r} and name {name!r}: the template says {refusals}"
