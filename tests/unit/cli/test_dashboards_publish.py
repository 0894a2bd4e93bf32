"""`cafe dashboards publish`: the bucket gets what is committed, and people see what to type next."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from cafe.dashboards.publishing import LAST, PublishedFile, files_to_publish, plan_publication
from cafe.local.layout import Layout, checkout
from unit.cli.builders import REGION
from unit.cli.conftest import Run

BUCKET = "cafe-dev-dashboards-123456789012"
BOARD = {"uid": "products", "title": "Products", "time": {"from": "now-30d", "to": "now"}, "panels": []}


@pytest.fixture
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a board, the provisioning, the host's files, and things that are not published."""
    folder = tmp_path / "checkout" / "grafana"
    for name, text in {
        "dashboards/products.json": json.dumps(BOARD),
        "provisioning/datasources/cafe.yaml": "datasources: []\n",
        "host/boot.sh": "echo\n",
        "host/versions.env": "GRAFANA_IMAGE=grafana/grafana:13.2.2\n",
        "host/cafe-grafana.service": "[Service]\n",
        "panels.py": "",
        "preview/node_modules/left/pad.json": "{}",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setattr("cafe.commands.dashboards.publish.checkout", lambda: Layout(folder.parent))
    return folder


@pytest.fixture
def bucket(aws: boto3.Session) -> Any:
    """The bucket of a deployed dev stack, with its facts."""
    ssm, s3 = aws.client("ssm"), aws.resource("s3")
    facts = {
        "bucket/name": BUCKET,
        "host/instance": "i-0123456789abcdef0",
        "secret/arn": "arn:aws:secretsmanager:x:1:secret:g",
    }
    for name, value in facts.items():
        ssm.put_parameter(Name=f"/cafe/dev/dashboards/{name}", Value=value, Type="String")
    return s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def keys(bucket: Any) -> set[str]:
    return {stored.key for stored in bucket.objects.all()}


PUBLISHED = {
    "dashboards/products.json",
    "provisioning/datasources/cafe.yaml",
    "host/boot.sh",
    "host/versions.env",
    "host/cafe-grafana.service",
}


@pytest.mark.usefixtures("committed")
def test_the_bucket_gets_exactly_what_is_committed(run: Run, bucket: Any) -> None:
    bucket.put_object(Key="dashboards/gone.json", Body=b"{}")

    result = run("dashboards", "publish", "--env", "dev")

    assert result.exit_code == 0
    assert keys(bucket) == PUBLISHED
    assert "removed   dashboards/gone.json" in result.stdout


def test_only_what_changed_is_uploaded(run: Run, bucket: Any, committed: Path) -> None:
    run("dashboards", "publish", "--env", "dev")
    (committed / "host" / "versions.env").write_text("GRAFANA_IMAGE=grafana/grafana:13.2.3\n")

    shown = json.loads(run("dashboards", "publish", "--json", "--env", "dev").stdout)["data"]

    assert shown == {
        "bucket": BUCKET,
        "host": "i-0123456789abcdef0",
        "published": True,
        "upload": ["host/versions.env"],
        "remove": [],
        "unchanged": 4,
    }
    assert bucket.Object("host/versions.env").get()["Body"].read() == b"GRAFANA_IMAGE=grafana/grafana:13.2.3\n"


@pytest.mark.usefixtures("committed")
def test_a_dry_run_says_what_would_change_and_changes_nothing(run: Run, bucket: Any) -> None:
    bucket.put_object(Key="dashboards/gone.json", Body=b"{}")

    result = run("dashboards", "publish", "--dry-run", "--env", "dev")

    assert result.exit_code == 1
    assert keys(bucket) == {"dashboards/gone.json"}
    assert "5 to upload, 1 to remove" in result.stderr
    assert "start-session" not in result.output


@pytest.mark.usefixtures("committed", "bucket")
def test_a_dry_run_without_changes_is_exit_code_0(run: Run) -> None:
    run("dashboards", "publish", "--env", "dev")

    assert run("dashboards", "publish", "--dry-run", "--env", "dev").exit_code == 0


@pytest.mark.usefixtures("committed", "bucket")
def test_it_shows_how_to_open_grafana_and_to_check_it(run: Run) -> None:
    shown = run("dashboards", "publish", "--env", "dev").stderr

    assert "--target i-0123456789abcdef0 --document-name AWS-StartPortForwardingSession" in shown
    assert "--secret-id arn:aws:secretsmanager:x:1:secret:g" in shown
    assert "cafe dashboards check --url http://localhost:3000" in shown


@pytest.mark.usefixtures("bucket")
def test_without_a_board_nothing_is_published(run: Run, bucket: Any, committed: Path) -> None:
    (committed / "dashboards" / "products.json").unlink()

    result = run("dashboards", "publish", "--env", "dev")

    assert result.exit_code == 2
    assert keys(bucket) == set()


def test_a_file_that_is_not_a_dashboard_is_not_published(run: Run, bucket: Any, committed: Path) -> None:
    (committed / "dashboards" / "products.json").write_text("{")

    result = run("dashboards", "publish", "--env", "dev")

    assert result.exit_code == 2
    assert "products.json" in result.stderr
    assert keys(bucket) == set()


def test_a_board_under_another_name_than_its_uid_is_not_published(run: Run, bucket: Any, committed: Path) -> None:
    (committed / "dashboards" / "products.json").rename(committed / "dashboards" / "renamed.json")

    result = run("dashboards", "publish", "--env", "dev")

    assert result.exit_code == 2
    assert "renamed.json" in result.stderr
    assert keys(bucket) == set()


def test_the_boot_script_is_uploaded_last() -> None:
    files = [PublishedFile(key, b"") for key in (LAST, "dashboards/a.json", "provisioning/a.yaml")]

    publication = plan_publication(files, {})

    assert [file.key for file in publication.uploads] == ["dashboards/a.json", "provisioning/a.yaml", LAST]


def test_a_changed_file_of_the_same_size_is_uploaded() -> None:
    before = PublishedFile("dashboards/a.json", b'{"a": 1}')

    publication = plan_publication([replace(before, content=b'{"a": 2}')], {before.key: before.etag})

    assert [file.key for file in publication.uploads] == [before.key]


def test_everything_that_the_host_needs_is_published(committed: Path) -> None:
    for part in ("host", "provisioning"):
        shutil.rmtree(committed / part)
        shutil.copytree(checkout().root / "grafana" / part, committed / part)
    files = {
        path.relative_to(committed).as_posix()
        for part in ("host", "provisioning")
        for path in (committed / part).rglob("*")
        if path.is_file()
    }

    published = {file.key for file in files_to_publish(committed.parent)}

    assert published == files | {"dashboards/products.json"}
