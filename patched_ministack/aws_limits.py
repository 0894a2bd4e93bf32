"""What AWS offers in a region and grants to an account, where the template depends on it. Each with its source.

The emulator refuses a workgroup by this file, and the rules in tests/template/rules/regions.py hold the template to it.
Read in AWS's documents in November 2026; nothing here was tried on AWS.
"""

from collections.abc import Iterator
from dataclasses import dataclass

# Redshift Management Guide, "Compute capacity for Amazon Redshift Serverless", its list of late 2025.
REGIONS_WITH_4_RPU = frozenset(
    {
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "eu-north-1",
    }
)

# The same page: 4, then steps of 8. A few regions offer more than 512, which nothing here needs.
CAPACITIES = (4, *range(8, 513, 8))

# Redshift Management Guide, "Considerations when using Amazon Redshift Serverless": a workgroup with enhanced VPC
# routing needs subnets in three zones. The same page names the one region in which an account sees fewer.
ZONES_OF_A_WORKGROUP = 3
REGIONS_WITH_TWO_ZONES = frozenset({"us-west-1"})

# The list price in N. Virginia: AWS's Big Data Blog, "Amazon Redshift Serverless at 4 RPUs", 1.50 dollars an hour for
# 4. Other regions differ; no document with London's price was at hand.
DOLLARS_PER_RPU_HOUR = 0.375

# The list price in N. Virginia of an interface endpoint, for each zone: AWS PrivateLink pricing.
DOLLARS_PER_ENDPOINT_HOUR = 0.01


@dataclass(frozen=True)
class Quota:
    """What an account may have in a region before it asks for more."""

    name: str
    limit: int
    source: str


# AWS raises the first two as an account is used. Its guide says so, but gives no figures.
CONCURRENT_EXECUTIONS = Quota("concurrent executions", 10, "Lambda guide, Lambda quotas; 10 by reports of new accounts")
FUNCTION_MEGABYTES = Quota(
    "megabytes of a function", 3008, "Lambda guide, Lambda quotas; 3,008 by awslabs/genai-bedrock-agent-chatbot#4"
)
VPCS = Quota("VPCs", 5, "VPC guide, Amazon VPC quotas: VPCs per Region")
VCPUS = Quota("vCPUs", 5, "Service Quotas, L-1216C47A (Running On-Demand Standard instances); some have less")
ELASTIC_ADDRESSES = Quota("elastic addresses", 5, "VPC guide, Amazon VPC quotas: Elastic IP addresses per Region")

# EC2 guide, instance types.
VCPUS_OF = {"t3.micro": 2, "t3.small": 2, "t4g.micro": 2, "t4g.small": 2}


def capacity_faults(region: str, base: int, maximum: int | None) -> Iterator[str]:
    """Yield why AWS would not create a workgroup with these RPUs in the region.

    No document says whether the maximum may equal the base. Here it may not.
    """
    for name, capacity in (("BaseCapacity", base), ("MaxCapacity", maximum)):
        if capacity is not None and capacity not in CAPACITIES:
            yield f"{name} {capacity} is neither 4 nor a multiple of 8 up to 512"
    if base == min(CAPACITIES) and region not in REGIONS_WITH_4_RPU:
        yield f"BaseCapacity {base} is not offered in {region}"
    if maximum is not None and maximum <= base:
        yield f"MaxCapacity {maximum} is not more than BaseCapacity {base}"


def addresses_of_a_workgroup(maximum: int) -> int:
    """Return how many free addresses each subnet needs for this many RPUs, with enhanced VPC routing.

    "Considerations when using Amazon Redshift Serverless" gives a table from 32 RPU (13 addresses) to 512 (133); the
    line through it is continued below 32.
    """
    return maximum // 4 + 5
