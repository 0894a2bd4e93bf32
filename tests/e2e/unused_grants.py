"""Grants that nothing on the local stack can use, each with what needs it and the document that says so. A table."""

from collections.abc import Mapping
from dataclasses import dataclass

from template.rules.access import JOIN_VPC

REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/"
SESSION_MANAGER = (
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html"
)


@dataclass(frozen=True)
class Need:
    """Who needs the grant on AWS, and why nothing here does. ``document`` is AWS's or the maker's page."""

    reason: str
    document: str


def _each(owner: str, sid: str, actions: tuple[str, ...], need: Need) -> dict[tuple[str, str, str], Need]:
    return {(owner, sid, action): need for action in actions}


# By owner, Sid and action.
UNUSED: Mapping[tuple[str, str, str], Need] = {
    ("ExtractRole", "TellGoneFromForbidden", "s3:ListBucket"): Need(
        "S3 answers 404 instead of 403 for a file that is gone; the emulator answers 404 to everybody",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html",
    ),
    ("CopyRole", "FindThem", "s3:ListBucket"): Need(
        "COPY lists what it reads; the local endpoint reads only what the manifest names",
        "https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-access-permissions.html",
    ),
    **_each(
        "LoadRole",
        "AttachToVpc",
        tuple(JOIN_VPC),
        Need(
            "Lambda puts the function into the VPC with these; the emulator has no network",
            "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
        ),
    ),
    ("HeadOfficePolicy", "ActAsOneBranch", "sts:TagSession"): Need(
        "the session of `cafe drop --as` has a tag; the emulator asks only the role's trust policy for this",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html",
    ),
    ("WarehouseSnapshotRole", "TakeSnapshots", "redshift-serverless:CreateSnapshot"): Need(
        "the schedule takes snapshots; the local warehouse has none",
        f"{REFERENCE}list_amazonredshiftserverless.html",
    ),
    **_each(
        "GrafanaHostRole",
        "AskWarehouse",
        ("redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"),
        Need(
            "Grafana's Redshift plugin asks the warehouse; no Grafana runs here, and the emulator has no Data API",
            "https://grafana.com/docs/plugins/grafana-redshift-datasource/latest/",
        ),
    ),
    **_each(
        "GrafanaHostRole",
        "FollowOwnStatements",
        ("redshift-data:CancelStatement", "redshift-data:DescribeStatement", "redshift-data:GetStatementResult"),
        Need(
            "Grafana's Redshift plugin waits for its statements; no Grafana runs here",
            "https://grafana.com/docs/plugins/grafana-redshift-datasource/latest/",
        ),
    ),
    **_each(
        "GrafanaHostRole",
        "AdmitSessionManager",
        (
            "ssm:UpdateInstanceInformation",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ),
        Need("AWS's agent on the host; no host runs here", SESSION_MANAGER),
    ),
}
