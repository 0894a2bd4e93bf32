"""Find a deployed stack and its facts: the local twin, or an environment on AWS.

A stack publishes its facts as SSM parameters under ``/cafe/{environment}/``, so that no name of a bucket, a queue or a
function is guessed here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from cafe.errors import DEPLOY, DEPLOY_LOCALLY, CafeError, NotDeployed, StackNotUp
from cafe.local import keys
from cafe.local.layout import checkout
from cafe.local.state import mark_used, running_stack
from cafe.local.workspaces import not_up
from cafe.warehouse.port import StreamingWarehouse, Warehouse

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_redshift_data import RedshiftDataAPIServiceClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

    from cafe.warehouse.driver import Credentials

LOCAL = "local"
NAMES = (LOCAL, "dev", "prod")
STAGES = ("extract", "transform", "load")
# The region of samconfig.toml; the caller's own AWS settings take precedence.
DEFAULT_REGION = "eu-west-2"
# Enough connections for concurrent uploads without botocore's "pool is full" warning.
MAX_CONNECTIONS = 16
# Lambda's Invoke answers when the function has ended. If the client gave up earlier and tried again, the function would
# run twice at once. So a client of Lambda waits longer than load may run (Timeout in template.yaml), and tries once.
# Less than the 350 s after which AWS's NAT gateways drop a silent connection.
LAMBDA_READ_TIMEOUT_SECONDS = 330


@dataclass(frozen=True)
class LocalWarehouse:
    """Where the local Redshift endpoint listens, and the authority that signed its certificate."""

    host: str
    port: int
    ca_file: Path


@dataclass(frozen=True)
class Environment:
    """A deployed stack: its AWS clients, its facts, and its warehouse.

    ``name`` is the value of --env; ``deployed_as`` is the template's Environment parameter. ``endpoint_url`` is the
    emulator's; it and ``local_warehouse`` are None on AWS.
    """

    name: str
    deployed_as: str
    session: "boto3.Session"
    endpoint_url: str | None = None
    local_warehouse: LocalWarehouse | None = None
    _clients: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def region(self) -> str:
        """The AWS region in which the stack lives."""
        return str(self.session.region_name)

    @property
    def is_local(self) -> bool:
        """Whether this is the local twin."""
        return self.endpoint_url is not None

    @property
    def metrics_namespace(self) -> str:
        """The CloudWatch namespace of the pipeline's own metrics, as template.yaml names it."""
        return f"Cafe/{self.deployed_as}"

    @overload
    def client(self, service: Literal["cloudwatch"]) -> "CloudWatchClient": ...
    @overload
    def client(self, service: Literal["lambda"]) -> "LambdaClient": ...
    @overload
    def client(self, service: Literal["logs"]) -> "CloudWatchLogsClient": ...
    @overload
    def client(self, service: Literal["redshift-data"]) -> "RedshiftDataAPIServiceClient": ...
    @overload
    def client(self, service: Literal["s3"]) -> "S3Client": ...
    @overload
    def client(self, service: Literal["secretsmanager"]) -> "SecretsManagerClient": ...
    @overload
    def client(self, service: Literal["sqs"]) -> "SQSClient": ...
    @overload
    def client(self, service: Literal["ssm"]) -> "SSMClient": ...
    @overload
    def client(self, service: str) -> Any: ...
    def client(self, service: str) -> Any:
        """Return the boto3 client of a service, made once; clients are safe to share between threads."""
        if service not in self._clients:
            from botocore.config import Config

            config = Config(
                max_pool_connections=MAX_CONNECTIONS, retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5
            )
            if service == "lambda":
                once = Config(read_timeout=LAMBDA_READ_TIMEOUT_SECONDS, retries={"total_max_attempts": 1})
                config = config.merge(once)
            # The stubs' client() accepts only literal names.
            make_client: Any = self.session.client
            client = make_client(service, endpoint_url=self.endpoint_url, config=config)
            if service == "s3":
                # botocore is imported here already, and nowhere before: it takes as long as a short command.
                from shared.aws_clients import sending_small_objects_at_once

                client = sending_small_objects_at_once(client)
            self._clients[service] = client
        return self._clients[service]

    def assuming(self, role_arn: str, session_name: str, tags: Mapping[str, str]) -> Self:
        """Return this environment as a session of a role sees it. The session has the tags, and ends in an hour."""
        import boto3

        credentials = self.client("sts").assume_role(
            RoleArn=role_arn,
            RoleSessionName=session_name,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )["Credentials"]
        session = boto3.Session(
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            region_name=self.region,
        )
        return replace(self, session=session, _clients={})

    @cached_property
    def facts(self) -> dict[str, str]:
        """All parameters that the stack publishes, by name without the prefix ``/cafe/{environment}/``."""
        root = f"/cafe/{self.deployed_as}/"
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=root, Recursive=True)
        return {
            parameter["Name"].removeprefix(root): parameter["Value"]
            for page in pages
            for parameter in page["Parameters"]
        }

    def fact(self, name: str) -> str:
        """Look up one fact, such as ``drop/bucket/name``.

        Raises NotDeployed if the stack does not publish it, StackNotUp if the local stack publishes nothing at all.
        """
        if name in self.facts:
            return self.facts[name]
        if self.is_local and not self.facts:
            raise StackNotUp(
                checkout().workspace, f"The local stack is running, but cafe-{self.deployed_as} was deleted from it."
            )
        parameter = f"/cafe/{self.deployed_as}/{name}"
        raise NotDeployed(parameter, self.region, DEPLOY_LOCALLY if self.is_local else DEPLOY)

    def warehouse(self) -> StreamingWarehouse:
        """Open the warehouse: through the driver locally, through the Redshift Data API on AWS."""
        if self.local_warehouse is None:
            return self._through_data_api(self.fact("warehouse/secret/arn"))
        from cafe.warehouse.driver import Credentials

        secret = self.client("secretsmanager").get_secret_value(SecretId=self.fact("warehouse/secret/arn"))
        return self._through_driver(self.local_warehouse, Credentials.from_secret(secret["SecretString"]))

    @contextmanager
    def mart_reader(self) -> Iterator[Callable[[], Warehouse]]:
        """Yield what opens the warehouse as Grafana does, with the role mart_reader, so that a missing grant shows.

        Locally that is a user who is dropped at the end. On AWS it is the caller's own IAM identity, which needs the
        tag ``RedshiftDbRoles=mart_reader``, as the host's role has it.
        """
        if self.local_warehouse is None:
            yield partial(self._through_data_api, None)
            return
        from cafe.warehouse.mart_reader import temporary_reader

        with temporary_reader(self.warehouse) as credentials:
            yield partial(self._through_driver, self.local_warehouse, credentials)

    def _through_data_api(self, secret_arn: str | None) -> StreamingWarehouse:
        from cafe.warehouse.data_api import DataApiWarehouse

        return DataApiWarehouse(
            self.client("redshift-data"),
            workgroup=self.fact("warehouse/workgroup/name"),
            database=self.fact("warehouse/database/name"),
            secret_arn=secret_arn,
        )

    def _through_driver(self, place: LocalWarehouse, credentials: "Credentials") -> StreamingWarehouse:
        from cafe.warehouse.driver import DriverWarehouse

        return DriverWarehouse(
            host=place.host,
            port=place.port,
            database=self.fact("warehouse/database/name"),
            credentials=credentials,
            ca_file=place.ca_file,
        )


def open_environment(name: str) -> Environment:
    """Open "local", "dev" or "prod". Raises StackNotUp if the local stack is not running.

    Makes no call to AWS: the SDK looks for credentials when the first client needs them.
    """
    if name == LOCAL:
        return _open_local()
    if name not in NAMES:
        raise CafeError(f"There is no environment {name!r}.", f"Choose one of {', '.join(NAMES)}.")
    # Imported here because it takes 0.6 s, which `--help` and a missing local stack do not need.
    import boto3

    session = boto3.Session()
    if session.region_name is None:
        session = boto3.Session(region_name=DEFAULT_REGION)
    return Environment(name=name, deployed_as=name, session=session)


def _open_local() -> Environment:
    layout, stack = checkout(), running_stack()
    if stack is None:
        raise not_up(layout)
    mark_used(layout)
    import boto3

    root_keys = keys.read(layout)
    return Environment(
        name=LOCAL,
        deployed_as=stack.environment,
        session=boto3.Session(root_keys.access_key_id, root_keys.secret_access_key, region_name=stack.region),
        endpoint_url=stack.endpoint_url,
        local_warehouse=LocalWarehouse(stack.warehouse_host, stack.warehouse_port, Path(stack.ca_file)),
    )
