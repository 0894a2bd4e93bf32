"""Finding a stack: its facts, its clients, and a clear error if there is none."""

import json
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    UnknownServiceError,
)

import cafe.deployed.environment
from cafe.deployed.environment import Environment, open_environment
from cafe.errors import CafeError, NotDeployed, StackNotUp, explain_aws_error
from cafe.local import keys
from cafe.local.layout import STATE_VARIABLE, checkout
from cafe.local.state import Stack
from cafe.warehouse.data_api import DataApiWarehouse
from cafe.warehouse.driver import Credentials, DriverWarehouse
from cafe.warehouse.mart_reader import temporary_reader
from cafe.warehouse.port import Parameters, QueryResult, WarehouseError
from template.stack import Stack as TemplateStack
from template.stack import read_source
from unit.cli.builders import DROP_BUCKET, REGION
from unit.cli.conftest import Run

RUNNING = Stack(
    environment="dev",
    stack_name="cafe-dev",
    region="eu-west-2",
    endpoint_url="http://127.0.0.1:4566",
    ca_file="/somewhere/ca.pem",
    warehouse_host="localhost",
    warehouse_port=5439,
    processes={},
)


@pytest.fixture
def no_local_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cafe.deployed.environment, "running_stack", lambda: None)


@pytest.fixture
def local_stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    keys.make(checkout())
    monkeypatch.setattr(cafe.deployed.environment, "running_stack", lambda: RUNNING)


class Recorder:
    """A warehouse that keeps the statements that it gets, and refuses those with a certain word."""

    def __init__(self, refused: str = "nothing") -> None:
        self.statements: list[str] = []
        self.refused = refused

    def query(self, sql: str, parameters: Parameters | None = None) -> QueryResult:
        """See `Warehouse.query`."""
        del parameters
        self.statements.append(sql)
        if self.refused in sql:
            raise WarehouseError(f"{self.refused} is refused")
        return QueryResult((), [])


def test_the_boards_are_asked_by_a_user_who_may_read_the_marts_and_is_dropped(
    local_stack: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del local_stack
    administrator, opened = Recorder(), list[Credentials]()
    monkeypatch.setattr(Environment, "warehouse", lambda _self: administrator)
    monkeypatch.setattr(Environment, "_through_driver", lambda _self, _place, user: opened.append(user))

    with open_environment("local").mart_reader() as open_warehouse:
        open_warehouse()
        (user,) = opened
        before = list(administrator.statements)

    assert before == [
        f"create user {user.username} password '{user.password}'",
        f"grant role mart_reader to {user.username}",
    ]
    assert administrator.statements[2:] == [f"drop user {user.username}"]


def test_a_reader_who_cannot_get_the_role_is_dropped_too() -> None:
    administrator = Recorder(refused="grant")

    with pytest.raises(WarehouseError, match="grant is refused"), temporary_reader(lambda: administrator):
        pass

    assert [sql.split()[0] for sql in administrator.statements] == ["create", "grant", "drop"]


@pytest.mark.usefixtures("deployed")
def test_on_aws_the_boards_are_asked_under_ones_own_identity_and_not_the_administrators() -> None:
    environment = open_environment("dev")
    sent: list[dict[str, str]] = []

    class DataApi:
        def execute_statement(self, **request: str) -> None:
            sent.append(request)
            raise WarehouseError("enough")

    environment._clients["redshift-data"] = DataApi()
    with environment.mart_reader() as open_warehouse, pytest.raises(WarehouseError, match="enough"):
        open_warehouse().query("select 1")

    (request,) = sent
    assert "SecretArn" not in request
    assert request["Sql"] == "select 1"


@pytest.mark.usefixtures("deployed")
def test_facts_are_read_by_their_short_names_and_only_once() -> None:
    environment = open_environment("dev")
    assert environment.fact("drop/bucket/name") == DROP_BUCKET

    boto3.client("ssm", REGION).delete_parameter(Name="/cafe/dev/drop/bucket/name")

    assert environment.fact("drop/bucket/name") == DROP_BUCKET


def test_facts_on_several_pages_are_all_read(aws: boto3.Session) -> None:
    ssm = aws.client("ssm")
    for number in range(25):
        ssm.put_parameter(Name=f"/cafe/prod/x/{number}", Value=str(number), Type="String")

    assert open_environment("prod").fact("x/24") == "24"


@pytest.mark.usefixtures("aws")
def test_the_remedy_for_a_missing_fact_is_to_deploy() -> None:
    with pytest.raises(NotDeployed, match=r"/cafe/prod/drop/bucket/name .* eu-west-2.*Deploy the stack"):
        open_environment("prod").fact("drop/bucket/name")


@pytest.mark.usefixtures("local_stack")
def test_a_local_stack_that_was_deleted_is_to_be_brought_up(aws: boto3.Session) -> None:
    environment = open_environment("local")
    environment._clients["ssm"] = aws.client("ssm")

    with pytest.raises(StackNotUp, match=r"cafe-dev was deleted.*cafe up"):
        environment.fact("drop/bucket/name")


@pytest.mark.usefixtures("deployed", "local_stack")
def test_the_remedy_for_a_fact_that_the_local_stack_lacks_is_cafe_up(aws: boto3.Session) -> None:
    environment = open_environment("local")
    environment._clients["ssm"] = aws.client("ssm")

    with pytest.raises(NotDeployed, match=r"/cafe/dev/not/there .*cafe up"):
        environment.fact("not/there")


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_metrics_are_where_the_functions_of_that_environment_publish_them(name: str) -> None:
    template = TemplateStack(read_source(), {"Environment": name})
    variables = template.resources["LoadFunction"].properties["Environment"]["Variables"]

    assert open_environment(name).metrics_namespace == template.text(variables["POWERTOOLS_METRICS_NAMESPACE"])


@pytest.mark.usefixtures("deployed")
def test_an_environment_on_aws_is_queried_through_the_data_api() -> None:
    assert isinstance(open_environment("dev").warehouse(), DataApiWarehouse)


@pytest.mark.usefixtures("aws")
def test_the_users_own_region_takes_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert open_environment("dev").region == "eu-west-1"


@pytest.mark.usefixtures("aws")
def test_the_default_region_is_the_one_of_the_deployment() -> None:
    assert open_environment("dev").region == "eu-west-2"


def test_an_unknown_environment_is_an_error() -> None:
    with pytest.raises(CafeError, match=r"no environment 'staging'.*local, dev, prod"):
        open_environment("staging")


@pytest.mark.usefixtures("local_stack")
def test_the_local_environment_comes_from_the_running_stack() -> None:
    environment = open_environment("local")

    assert environment.client("s3").meta.endpoint_url == "http://127.0.0.1:4566"
    assert environment.region == "eu-west-2"
    assert environment.deployed_as == "dev"
    assert environment.is_local
    credentials = environment.session.get_credentials()
    assert credentials is not None
    assert credentials.access_key == keys.read(checkout()).access_key_id


@pytest.mark.usefixtures("aws", "local_stack")
def test_the_local_warehouse_is_queried_through_the_driver() -> None:
    secret = boto3.client("secretsmanager", REGION).create_secret(
        Name="warehouse", SecretString=json.dumps({"username": "cafe_admin", "password": "p"})
    )
    # moto answers only at AWS's own addresses, not at the emulator's.
    environment = replace(open_environment("local"), endpoint_url=None)
    for name, value in {"secret/arn": secret["ARN"], "database/name": "cafe"}.items():
        boto3.client("ssm", REGION).put_parameter(Name=f"/cafe/dev/warehouse/{name}", Value=value, Type="String")

    assert isinstance(environment.warehouse(), DriverWarehouse)


@pytest.mark.usefixtures("no_local_stack")
def test_without_a_local_stack_the_remedy_is_cafe_up() -> None:
    with pytest.raises(StackNotUp, match=r"The local stack of the workspace main is not up.*cafe up"):
        open_environment("local")


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"],
        ["rejects"],
        ["logs"],
        ["sql", "select 1"],
        ["drop", "FILE"],
        ["event", "FILE"],
        ["invoke", "extract", "FILE"],
    ],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.usefixtures("no_local_stack")
def test_every_command_says_when_the_stack_is_not_up(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    file = tmp_path / "leeds.csv"
    file.write_text("x", encoding="utf-8")

    result = run(*(str(file) if argument == "FILE" else argument for argument in arguments))

    assert result.exit_code == 2
    assert "cafe up" in result.stderr
    assert result.stdout == ""


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetParametersByPath")


@pytest.mark.parametrize(
    ("error", "message", "remedy"),
    [
        (NoCredentialsError(), "no usable AWS credentials", "aws sso login"),
        (ProfileNotFound(profile="x"), "no usable AWS credentials", "AWS_PROFILE"),
        (refused("ExpiredTokenException"), "GetParametersByPath (ExpiredTokenException): no", "aws sso login"),
        (refused("AccessDenied"), "GetParametersByPath (AccessDenied)", "permission"),
        (refused("ThrottlingException"), "GetParametersByPath (ThrottlingException)", ""),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "does not answer", 'eval "$(cafe env)"'),
        (UnknownServiceError(service_name="x", known_service_names="y"), "The AWS SDK failed", ""),
    ],
    ids=["no credentials", "no profile", "expired", "denied", "throttled", "no connection", "anything else"],
)
def test_errors_of_the_sdk_get_a_message_and_a_remedy(
    error: BotoCoreError | ClientError, message: str, remedy: str
) -> None:
    explained = explain_aws_error(error)

    assert message in explained.message
    assert remedy in explained.remedy


def test_missing_credentials_give_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))

    result = run("status", "--env", "dev")

    assert result.exit_code == 2
    assert "There are no usable AWS credentials" in result.stderr
    assert "Traceback" not in result.output
