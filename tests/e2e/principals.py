"""Who may call: the template's roles, a branch's user and the account's root user, each with clients of its own."""

import json
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from e2e.pipeline import Pipeline

# The account's root user, whom IAM does not restrict.
ROOT = "root"
# A user with the policy that branches get, and the tag that names the branch as its files do.
BRANCH = "branch"
BRANCH_TAG = "matrix-town"
# A user with the policy of the people at head office.
HEAD_OFFICE = "head office"
# The users of the test that have a managed policy: their names, and the policies.
USERS = {BRANCH: (BRANCH_TAG, "BranchUploadPolicy"), HEAD_OFFICE: ("somebody", "HeadOfficePolicy")}
FUNCTION_ROLES = ("ExtractRole", "TransformRole", "LoadRole")
SCHEDULE_ROLES = ("WarehouseCheckRole", "WarehouseSnapshotRole")
ROLES = (*FUNCTION_ROLES, "CopyRole", "GrafanaHostRole", *SCHEDULE_ROLES)
# With retries, a call that fails for another reason than its permission takes seconds.
ONCE = Config(retries={"max_attempts": 0})


def refusal(call: Callable[[], Any]) -> str:
    """Return the error code with which AWS refused a call; "" if it did not."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


class Principals:
    """Clients with the permissions of one principal: ROOT, BRANCH or the logical id of a role."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._clients: dict[tuple[str, str], Any] = {}
        self._keys: dict[str, dict[str, str]] = {}

    def client(self, principal: str, service: str) -> Any:
        """Return a client of a service. It is made at its first use."""
        if principal == ROOT:
            return self.pipeline.client(service)
        if (principal, service) not in self._clients:
            self._clients[principal, service] = self._client_as(principal, service)
        return self._clients[principal, service]

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    def _client_as(self, principal: str, service: str) -> Any:
        if principal not in (*USERS, *SCHEDULE_ROLES):
            return self.pipeline.client_as(principal, service)
        running = self.pipeline.stack
        make_client: Any = boto3.client
        return make_client(
            service,
            endpoint_url=running.endpoint_url,
            region_name=running.region,
            config=ONCE,
            **self._user(principal),
        )

    def _user(self, principal: str) -> dict[str, str]:
        if principal not in self._keys:
            self._keys[principal] = self._new_user(principal)
        return self._keys[principal]

    def _new_user(self, principal: str) -> dict[str, str]:
        """Make a user with the policies of a branch or of a role. Return the arguments of its clients.

        Nobody but the scheduler may assume a role of a schedule, so a user stands in for it.
        """
        iam = self.pipeline.client("iam")
        name, policy = USERS.get(principal, (f"user-with-{principal}", ""))
        iam.create_user(UserName=name, Tags=[{"Key": "branch", "Value": BRANCH_TAG}] if principal == BRANCH else [])
        if policy:
            iam.attach_user_policy(UserName=name, PolicyArn=self.pipeline.physical_id(policy))
        else:
            role = self.pipeline.physical_id(principal)
            for inline in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=inline)["PolicyDocument"]
                iam.put_user_policy(UserName=name, PolicyName=inline, PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
