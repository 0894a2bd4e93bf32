"""`cafe dashboards check` against a fake Grafana: what it finds, and that it queries as a browser would."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cafe.cli import app
from cafe.dashboards.boards import FOLDER, read_boards
from cafe.local.layout import Layout, checkout
from integration.cli.fake_grafana import (
    CLOUDWATCH,
    PASSWORD,
    PLUGIN,
    TOKEN,
    WAREHOUSE,
    FakeGrafana,
    handler_of,
    serving,
)

type Check = Callable[..., Result]

IMAGE = f"grafana/grafana:13.2.2@sha256:{0:064x}"
REVENUE = "select day as time, revenue from mart.cafe_day_sales where branch_id in (${cafe:csv}) and $__timeFilter(day)"
REVENUE_FILLED_IN = REVENUE.replace("${cafe:csv}", "0")
CAFES_ASKED = "select value, text from mart.cafes"


def warehouse_target(sql: str) -> dict[str, Any]:
    return {"refId": "A", "datasource": {"type": PLUGIN, "uid": WAREHOUSE}, "rawSQL": sql, "format": 0}


def metric_target(ref_id: str, **fields: Any) -> dict[str, Any]:
    return {"refId": ref_id, "datasource": {"type": "cloudwatch", "uid": CLOUDWATCH}, "id": ref_id.lower(), **fields}


def panel(number: int, title: str, *targets: dict[str, Any]) -> dict[str, Any]:
    grid = {"x": 0, "y": 8 * number, "w": 24, "h": 8}
    return {"id": number, "type": "timeseries", "title": title, "gridPos": grid, "targets": list(targets)}


def variable(name: str, query: dict[str, Any], datasource: dict[str, str], **fields: Any) -> dict[str, Any]:
    return {"name": name, "type": "query", "query": query, "datasource": datasource, **fields}


@pytest.fixture
def board() -> dict[str, Any]:
    """A board with a panel on the warehouse, one on CloudWatch, a row, and a variable for each of them."""
    errors = metric_target("A", namespace="AWS/Lambda", metricName="Errors", dimensions={"FunctionName": ["$function"]})
    return {
        "uid": "cafe-overview",
        "title": "Café overview",
        "schemaVersion": 41,
        "time": {"from": "now-30d", "to": "now"},
        "templating": {
            "list": [
                variable(
                    "cafe",
                    {"rawSQL": CAFES_ASKED, "format": 1},
                    {"type": PLUGIN, "uid": WAREHOUSE},
                    includeAll=True,
                    allValue="0",
                    multi=True,
                    current={"value": ["$__all"]},
                ),
                variable(
                    "function",
                    {"namespace": "AWS/Lambda", "metricName": "Errors", "dimensionKey": "FunctionName"},
                    {"type": "cloudwatch", "uid": CLOUDWATCH},
                    includeAll=True,
                    regex="/-2$/",
                ),
                variable(
                    "metrics",
                    {"queryType": "namespaces"},
                    {"type": "cloudwatch", "uid": CLOUDWATCH},
                    regex="/^Cafe\\//",
                ),
            ]
        },
        "panels": [
            {"id": 9, "type": "row", "title": "Sales", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
            panel(1, "Revenue", warehouse_target(REVENUE)),
            panel(2, "Errors", errors, metric_target("B", expression="a * 2")),
            panel(3, "Failures", metric_target("A", namespace="$metrics", metricName="TerminalFailures")),
        ],
    }


@pytest.fixture
def grafana(board: dict[str, Any]) -> FakeGrafana:
    """A Grafana without faults."""
    return FakeGrafana({board["uid"]: board})


@pytest.fixture
def url(grafana: FakeGrafana) -> Iterator[str]:
    with serving(handler_of(grafana)) as address:
        yield address


@pytest.fixture
def check(board: dict[str, Any], url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Run the command in a checkout with the committed dashboard."""
    for name, text in {
        "dashboards/cafe-overview.json": json.dumps(board),
        "host/versions.env": f"GRAFANA_IMAGE={IMAGE}\nGF_PLUGINS_PREINSTALL_SYNC={PLUGIN}@2.5.0\n",
    }.items():
        (tmp_path / "grafana" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "grafana" / name).write_text(text)
    monkeypatch.setattr("cafe.commands.dashboards.check.checkout", lambda: Layout(tmp_path))
    monkeypatch.setattr("cafe.dashboards.remote.queries.FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("GRAFANA_PASSWORD", PASSWORD)

    def run(*arguments: str, at: str = url) -> Result:
        return CliRunner().invoke(app, ["dashboards", "check", "--url", at, *arguments], prog_name="cafe")

    return run


def faults(result: Result) -> dict[str, str]:
    """Return the faults, by kind and name."""
    found = json.loads(result.stdout)["data"]["findings"]
    return {f"{finding['kind']} {finding['name']}": finding["detail"] for finding in found if not finding["is_well"]}


def test_a_grafana_as_committed_is_exit_code_0_and_everything_is_checked(check: Check) -> None:
    result = check("--json")

    assert result.exit_code == 0, result.output
    assert {
        (finding["kind"], finding["name"], finding["detail"])
        for finding in json.loads(result.stdout)["data"]["findings"]
    } == {
        ("grafana", "health", "database ok"),
        ("grafana", "version", "13.2.2"),
        ("plugin", PLUGIN, "2.5.0"),
        ("data source", WAREHOUSE, "Data source is working"),
        ("data source", CLOUDWATCH, "Data source is working"),
        ("dashboard", "cafe-overview", "as committed"),
        ("variable", "cafe-overview: cafe", "2 choices"),
        ("variable", "cafe-overview: function", "1 choice"),
        ("variable", "cafe-overview: metrics", "1 choice"),
        ("panel", "cafe-overview: Revenue", "2 rows"),
        ("panel", "cafe-overview: Errors", "6 rows"),
        ("panel", "cafe-overview: Failures", "3 rows"),
    }


def test_the_table_lists_the_findings(check: Check) -> None:
    result = check()

    assert result.exit_code == 0
    assert "cafe-overview: Revenue" in result.stdout
    assert result.stdout.count("✓") == 12
    assert "All 12 are as they should be." in result.stderr


def test_a_statement_is_polled_by_its_id_until_it_is_finished(check: Check, grafana: FakeGrafana) -> None:
    check()

    asked = [query for body in grafana.asked for query in body["queries"] if query.get("rawSQL") == REVENUE_FILLED_IN]
    assert [query.get("queryID") for query in asked] == [None, *[f"statement of {REVENUE_FILLED_IN}"] * grafana.polls]
    assert {json.dumps(query["meta"]) for query in asked} == {'{"queryFlow": "async"}'}
    assert grafana.cancelled == []


def test_the_dashboards_own_period_is_queried(check: Check, grafana: FakeGrafana) -> None:
    check()

    assert {(body["from"], body["to"]) for body in grafana.asked} == {("now-30d", "now")}


def test_metrics_are_queried_with_every_value_of_their_variable(check: Check, grafana: FakeGrafana) -> None:
    check()

    together, _failures = [body["queries"] for body in grafana.asked if "rawSQL" not in body["queries"][0]]
    assert [query["refId"] for query in together] == ["A", "B"]
    assert together[0]["dimensions"] == {"FunctionName": ["FunctionName-2"]}


def test_the_pipelines_own_metrics_are_read_in_the_namespace_of_the_data_source(
    check: Check, grafana: FakeGrafana
) -> None:
    check()

    *_, failures = [body["queries"] for body in grafana.asked if "rawSQL" not in body["queries"][0]]
    assert [query["namespace"] for query in failures] == ["Cafe/dev"]


def test_a_token_can_replace_the_password(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRAFANA_PASSWORD")
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)

    assert check().exit_code == 0


def break_version(grafana: FakeGrafana) -> None:
    grafana.version = "13.3.0"


def break_plugin(grafana: FakeGrafana) -> None:
    grafana.plugins[PLUGIN] = "2.4.9"


def lose_plugin(grafana: FakeGrafana) -> None:
    del grafana.plugins[PLUGIN]


def lose_datasource(grafana: FakeGrafana) -> None:
    del grafana.datasources[CLOUDWATCH]


def break_datasource(grafana: FakeGrafana) -> None:
    grafana.datasources[WAREHOUSE] = "postgres"


def deny_datasource(grafana: FakeGrafana) -> None:
    grafana.ill[WAREHOUSE] = "AccessDeniedException: GetCredentials"


def lose_board(grafana: FakeGrafana) -> None:
    del grafana.boards["cafe-overview"]


def edit_board(grafana: FakeGrafana) -> None:
    served = json.loads(json.dumps(grafana.boards["cafe-overview"]))
    served["panels"][1]["targets"][0]["rawSQL"] = "select 1"
    grafana.boards["cafe-overview"] = served


def drop_panel(grafana: FakeGrafana) -> None:
    served = json.loads(json.dumps(grafana.boards["cafe-overview"]))
    served["panels"].pop()
    grafana.boards["cafe-overview"] = served


def fail_panel(grafana: FakeGrafana) -> None:
    grafana.faults = {REVENUE_FILLED_IN: "ERROR: permission denied for schema mart"}


def fail_variable(grafana: FakeGrafana) -> None:
    grafana.faults = {CAFES_ASKED: "ERROR: relation does not exist"}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (break_version, {"grafana version": "13.3.0, not 13.2.2"}),
        (break_plugin, {f"plugin {PLUGIN}": "2.4.9, not 2.5.0"}),
        (lose_plugin, {f"plugin {PLUGIN}": "not there (Not found), not 2.5.0"}),
        (
            lose_datasource,
            {
                f"data source {CLOUDWATCH}": "not there (Not found)",
                "variable cafe-overview: function": "CloudWatch: Not found",
                "variable cafe-overview: metrics": "CloudWatch: Not found",
            },
        ),
        (break_datasource, {f"data source {WAREHOUSE}": f"postgres, not {PLUGIN}"}),
        (deny_datasource, {f"data source {WAREHOUSE}": "AccessDeniedException: GetCredentials"}),
        (lose_board, {"dashboard cafe-overview": "not there (Not found)"}),
        (edit_board, {"dashboard cafe-overview": "panels[1].targets[0].rawSQL differs"}),
        (drop_panel, {"dashboard cafe-overview": "panels: 3 instead of 4"}),
        (fail_panel, {"panel cafe-overview: Revenue": "ERROR: permission denied for schema mart"}),
        (fail_variable, {"variable cafe-overview: cafe": "ERROR: relation does not exist"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_is_named_and_is_exit_code_1(
    check: Check, grafana: FakeGrafana, fault: Callable[[FakeGrafana], None], expected: dict[str, str]
) -> None:
    fault(grafana)

    result = check("--json")

    assert result.exit_code == 1
    assert faults(result) == expected


def test_after_a_fault_the_rest_is_still_checked(check: Check, grafana: FakeGrafana) -> None:
    fail_panel(grafana)

    result = check()

    assert result.exit_code == 1
    assert result.stdout.count("✗") == 1
    assert "6 rows" in result.stdout
    assert "1 of 12 are not as they should be." in result.stderr


def test_a_query_that_never_finishes_is_cancelled(
    check: Check, grafana: FakeGrafana, monkeypatch: pytest.MonkeyPatch
) -> None:
    grafana.endless = (REVENUE_FILLED_IN,)
    monkeypatch.setattr("cafe.dashboards.remote.queries.LONGEST_PAUSE_SECONDS", 0.05)

    result = check("--timeout", "1", "--json")

    assert result.exit_code == 1
    assert faults(result) == {"panel cafe-overview: Revenue": "No answer within 1 s; the statement was cancelled."}
    assert grafana.cancelled == [f"statement of {REVENUE_FILLED_IN}"]


def test_an_empty_warehouse_is_not_a_fault(check: Check, grafana: FakeGrafana) -> None:
    grafana.rows = {CAFES_ASKED: ["-1"], REVENUE_FILLED_IN: []}

    result = check()

    assert result.exit_code == 0, result.output
    assert "0 rows" in result.stdout


def test_exit_code_2_if_the_password_is_wrong(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_PASSWORD", "battery-staple")

    result = check()

    assert result.exit_code == 2
    assert "refuses this user and password" in result.stderr
    assert "battery-staple" not in result.output


def test_without_a_password_nothing_is_sent(
    check: Check, grafana: FakeGrafana, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRAFANA_PASSWORD")

    result = check()

    assert result.exit_code == 2
    assert "GRAFANA_PASSWORD" in result.stderr
    assert grafana.identities == []


@pytest.mark.parametrize("body", [b"<html>Another service</html>", b'{"status": "ok"}', b"[]"])
def test_a_server_that_is_not_grafana_does_not_get_the_password(check: Check, body: bytes) -> None:
    identities: list[str | None] = []

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            identities.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Keep the test's output clean."""

    with serving(Other) as address:
        result = check(at=address)

    assert result.exit_code == 2
    assert "is not Grafana" in result.stderr
    assert identities == [None]


def test_an_address_where_nothing_answers_gives_a_remedy(check: Check) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = check(at=f"http://127.0.0.1:{free.getsockname()[1]}")

    assert result.exit_code == 2
    assert "Is the port forwarded?" in result.stderr


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://dashboards.example.com", "unencrypted"),
        ("https://admin:battery-staple@dashboards.example.com", "contains a password"),
        ("localhost:3000", "is not an address"),
    ],
)
def test_an_address_that_would_expose_the_password_is_an_error(check: Check, address: str, why: str) -> None:
    result = check(at=address)

    assert result.exit_code == 2
    assert why in result.stderr


def test_every_variable_and_panel_of_the_committed_dashboards_is_queried(
    check: Check, grafana: FakeGrafana, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = read_boards(checkout().root / FOLDER)
    grafana.boards = {board.uid: dict(board.json) for board in boards}
    grafana.polls = 0
    monkeypatch.setattr("cafe.commands.dashboards.check.checkout", checkout)

    result = check("--json")

    assert result.exit_code == 0, faults(result)
    looked_at = [(finding["kind"], finding["name"]) for finding in json.loads(result.stdout)["data"]["findings"]]
    assert {name for kind, name in looked_at if kind == "dashboard"} == {board.uid for board in boards}
    assert [name for kind, name in looked_at if kind in ("variable", "panel")] == [
        f"{board.uid}: {name}"
        for board in boards
        for name in (
            *(variable.name for variable in board.variables),
            *(panel.title for panel in board.panels if panel.targets),
        )
    ]
    asked = json.dumps([body["queries"] for body in grafana.asked])
    assert not re.search(r"\$\{?(?!__)\w+", asked.replace("${PROP", "")), "every variable has its value"
