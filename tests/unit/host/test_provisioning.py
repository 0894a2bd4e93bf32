"""Grafana's provisioning: the data sources that panels use, a folder of boards, and no alert rules."""

from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it ships no types

from unit.host.conftest import ROOT

FOLDER = ROOT / "grafana" / "provisioning"
UNIT = (ROOT / "grafana" / "host" / "cafe-grafana.service").read_text(encoding="utf-8")
SETTINGS = dict(
    line.split("=", 1)
    for line in (ROOT / "grafana" / "host" / "grafana.env").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)


def read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def datasources() -> dict[str, dict[str, Any]]:
    """The data sources by their uid."""
    return {source["uid"]: source for source in read("datasources/cafe.yaml")["datasources"]}


def test_the_warehouse_is_queried_with_the_hosts_role_through_the_serverless_workgroup(
    datasources: dict[str, dict[str, Any]],
) -> None:
    warehouse = datasources["cafe-warehouse"]

    assert warehouse["type"] == "grafana-redshift-datasource"
    assert warehouse["jsonData"] == {
        "authType": "default",
        "defaultRegion": "$AWS_REGION",
        "useServerless": True,
        "workgroupName": "$WAREHOUSE_WORKGROUP",
        "database": "$WAREHOUSE_DATABASE",
    }


def test_metrics_come_from_cloudwatch_with_the_same_role(datasources: dict[str, dict[str, Any]]) -> None:
    metrics = datasources["cafe-cloudwatch"]

    assert metrics["type"] == "cloudwatch"
    assert metrics["jsonData"]["authType"] == "default"
    assert metrics["jsonData"]["customMetricsNamespaces"] == "$METRICS_NAMESPACE"


def test_there_are_two_data_sources_and_nobody_can_edit_them_in_the_browser(
    datasources: dict[str, dict[str, Any]],
) -> None:
    assert set(datasources) == {"cafe-warehouse", "cafe-cloudwatch"}
    assert not any(source["editable"] for source in datasources.values())
    assert not any("secureJsonData" in source for source in datasources.values())


def test_boards_come_only_from_the_folder_that_is_mounted_in_the_container() -> None:
    (provider,) = read("dashboards/cafe.yaml")["providers"]

    assert f"/opt/cafe/dashboards:{provider['options']['path']}:ro" in UNIT
    assert provider["folder"] == "Cafés"
    assert provider["allowUiUpdates"] is False
    assert provider["disableDeletion"] is False


def test_there_are_no_alert_rules_and_grafanas_alerting_is_off() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*") if path.is_file()]

    assert {path.name for path in FOLDER.iterdir()} == {"datasources", "dashboards"}
    assert not [text for text in texts if "groups:" in text or "rules:" in text]
    assert SETTINGS["GF_UNIFIED_ALERTING_ENABLED"] == "false"


def test_there_is_no_anonymous_access_and_credentials_come_from_the_role_only() -> None:
    assert SETTINGS["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert SETTINGS["GF_USERS_ALLOW_SIGN_UP"] == "false"
    assert SETTINGS["GF_AWS_ALLOWED_AUTH_PROVIDERS"] == "default"


@pytest.mark.parametrize("file", sorted(path for path in FOLDER.rglob("*.yaml")), ids=lambda path: path.name)
def test_a_file_is_where_grafana_and_publishing_look_for_it(file: Path) -> None:
    assert file.parent.parent == FOLDER
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["apiVersion"] == 1
