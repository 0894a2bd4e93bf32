"""The committed boards follow the project's rules for panels, texts and queries."""

import copy
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlfluff

from cafe.dashboards.boards import (
    ALL,
    FOLDER,
    Board,
    Dimension,
    MetricTarget,
    Namespaces,
    Panel,
    WarehouseTarget,
    board_of,
    read_boards,
)
from cafe.dashboards.periods import Period
from cafe.dashboards.preview.answers import statement_of
from cafe.dashboards.variables import Choice, choices_that_match
from grafana.boards import BOARDS
from grafana.cloudwatch import ENVIRONMENT, OUR_METRICS
from grafana.columns import DOLLARS, POUNDS
from grafana.writing import json_of, read_back
from load.statements import mart_names
from unit.load.test_statements import FORBIDDEN

COMMITTED = read_boards()
PANELS = [
    pytest.param(board, panel, id=f"{board.uid}: {panel.title}")
    for board in COMMITTED
    for panel in board.panels
    if not panel.is_row
]
PERIOD = Period.before(datetime(2026, 11, 25, 9, tzinfo=UTC), "now-30d")
QUERIES = [
    pytest.param(statement_of(target, PERIOD, {"cafe": ["2306719945660324355", "7"]}), id=f"{board.uid}: {panel.title}")
    for board in COMMITTED
    for panel in board.panels
    for target in panel.targets
    if isinstance(target, WarehouseTarget)
]
ALLOWED = {"stat", "timeseries", "table", "bargauge", "row"}
# The plugin uses the Data API, which runs only a few statements of a session at a time.
MOST_QUERIES = 10
MOST_LINES_OF_AN_EMPTY_TABLE = 6
DATASOURCES = {"cafe-warehouse": "grafana-redshift-datasource", "cafe-cloudwatch": "cloudwatch"}
# Words that managers need not know. A description says what a panel shows, not where the data comes from.
JARGON = re.compile(r"\b(mart|sql|null|join|query|utc midnight|dimension|namespace)\b|_|select ", re.IGNORECASE)


TOTALS = ("Revenue", "Same cafés, week on week")


def fields_of(panel: Panel) -> list[dict[str, Any]]:
    """The panel's field settings: its defaults, and each override as a dict of its properties."""
    config = panel.json.get("fieldConfig", {})
    overrides = [{p["id"]: p.get("value") for p in each["properties"]} for each in config.get("overrides", ())]
    return [config.get("defaults", {}), *overrides]


def queries_of(board: Board) -> list[str]:
    """The board's queries to the warehouse: of its variables, then of its panels."""
    targets = [target for panel in board.panels for target in panel.targets]
    return [
        *(variable.query for variable in board.variables if isinstance(variable.query, str)),
        *(target.sql for target in targets if isinstance(target, WarehouseTarget)),
    ]


def metrics_of_any_environment(board: Board) -> Iterator[str]:
    """Yield the namespaces that are neither AWS's nor taken from the data source, which names its environment."""
    targets = [target for panel in board.panels for target in panel.targets if isinstance(target, MetricTarget)]
    dimensions = [variable.query for variable in board.variables if isinstance(variable.query, Dimension)]
    own = [f"Cafe/${variable.name}" for variable in board.variables if isinstance(variable.query, Namespaces)]
    for namespace in (*(each.namespace for each in targets if not each.expression), *(d.namespace for d in dimensions)):
        if not namespace.startswith("AWS/") and namespace not in own:
            yield namespace


@pytest.mark.parametrize("uid", BOARDS)
def test_the_committed_json_is_what_the_code_writes(uid: str) -> None:
    assert (FOLDER / f"{uid}.json").read_text(encoding="utf-8") == json_of(BOARDS[uid]()), "run `make dashboards`"


def test_no_file_is_committed_that_no_code_writes() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(BOARDS) == {board.uid for board in COMMITTED}


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_a_board_reads_the_pipelines_own_metrics_of_its_environment_only(board: Board) -> None:
    assert list(metrics_of_any_environment(board)) == []


@pytest.mark.parametrize("namespace", ["Cafe", "Cafe/dev", "$namespace"])
def test_a_board_that_names_no_environment_or_one_for_all_is_noticed(namespace: str) -> None:
    (pipeline,) = (board for board in COMMITTED if board.uid == "pipeline")
    careless = board_of(json.loads(json.dumps(pipeline.json).replace(OUR_METRICS, namespace, 1)))

    assert list(metrics_of_any_environment(careless)) != []


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_the_sdk_keeps_every_option(board: Board) -> None:
    assert read_back(copy.deepcopy(board.json)) == board.json


@pytest.mark.parametrize(
    ("place", "misspelt"),
    [("panels", "fieldconfig"), ("panels", "gridpos"), ("panels", "option"), ("templating", "List"), ("time", "From")],
)
def test_the_sdk_drops_a_misspelt_option(place: str, misspelt: str) -> None:
    board = copy.deepcopy(dict(COMMITTED[0].json))
    inside = board[place][1] if place == "panels" else board[place]
    inside[misspelt] = {}

    assert read_back(copy.deepcopy(board)) != board


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_a_board_is_read_only_shows_utc_and_does_not_refresh(board: Board) -> None:
    assert board.json["timezone"] == "utc"
    assert board.json["refresh"] == ""
    assert board.json["editable"] is False
    assert (board.start, board.end) == ("now-24h" if board.uid == "pipeline" else "now-30d", "now")


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_panel_numbers_and_titles_are_unique(board: Board) -> None:
    numbers = [panel.id for panel in board.panels]

    assert len(set(numbers)) == len(numbers)
    assert len({panel.title for panel in board.panels}) == len(numbers)


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_panels_are_inside_the_grid_and_do_not_overlap(board: Board) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board.panels:
        place = panel.place
        cells = set(itertools.product(range(place.x, place.x + place.width), range(place.y, place.y + place.height)))
        assert place.width >= 1
        assert place.height >= 1
        assert place.x + place.width <= 24
        assert not taken & cells
        taken |= cells


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_lines_of_panels_fill_the_width(board: Board) -> None:
    widths: Counter[int] = Counter()
    for panel in board.panels:
        widths[panel.place.y] += panel.place.width

    assert set(widths.values()) == {24}


@pytest.mark.parametrize("board", COMMITTED, ids=lambda board: board.uid)
def test_a_board_sends_at_most_ten_queries_to_the_warehouse(board: Board) -> None:
    assert len(queries_of(board)) <= MOST_QUERIES


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_has_a_type_that_the_preview_draws(board: Board, panel: Panel) -> None:
    del board
    assert panel.type in ALLOWED


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_has_a_description_for_managers(board: Board, panel: Panel) -> None:
    del board
    assert panel.title
    assert panel.description.endswith(".")
    assert len(panel.description) > len(panel.title)
    assert not JARGON.search(panel.description)


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_has_a_unit(board: Board, panel: Panel) -> None:
    del board
    assert panel.unit


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_money_is_never_abbreviated_and_shows_pence_except_in_charts_and_totals(board: Board, panel: Panel) -> None:
    del board
    for field in fields_of(panel):
        if "currency" in str(field.get("unit")):
            assert field["unit"] in (POUNDS, DOLLARS)
            # A chart's axis has the decimals of its figures. On a telephone a total with pence is tiny. A day of the
            # warehouse costs cents.
            is_total = panel.type == "stat" and field.get("displayName") in TOTALS
            is_whole = panel.type == "timeseries" or is_total
            assert field["decimals"] == (0 if is_whole and field["unit"] == POUNDS else 2)


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_share_has_one_decimal_and_a_time_its_own_unit(board: Board, panel: Panel) -> None:
    del board
    for field in fields_of(panel):
        if field.get("unit") in ("percent", "percentunit"):
            assert field["decimals"] == 1
        # Grafana changes these with the value: 16.7 mins, 2.67 hours, 1.1 days.
        assert field.get("unit") not in ("s", "m", "h", "d")


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_columns_of_a_panel_have_different_titles(board: Board, panel: Panel) -> None:
    """Grafana's table shows the same figures in two columns of one title."""
    del board
    titles = [field["displayName"] for field in fields_of(panel)[1:] if "displayName" in field]
    named = [each for each in panel.json["fieldConfig"]["overrides"] if each["matcher"]["id"] == "byName"]

    assert len(set(titles)) == len(titles)
    assert len(titles) >= len(named)


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_that_may_be_empty_is_small(board: Board, panel: Panel) -> None:
    del board
    if panel.json["fieldConfig"]["defaults"]["noValue"] == "None":
        assert panel.place.height <= (MOST_LINES_OF_AN_EMPTY_TABLE if panel.type == "table" else 8)


def test_a_legend_with_totals_begins_with_the_largest() -> None:
    legends = [
        panel.json["options"]["legend"]
        for board in COMMITTED
        for panel in board.panels
        if panel.type == "timeseries" and "sum" in panel.json["options"]["legend"]["calcs"]
    ]

    assert legends
    assert {(legend["sortBy"], legend["sortDesc"]) for legend in legends} == {("Total", True)}


def test_the_key_figures_have_a_line_with_a_scale_of_its_own() -> None:
    panels = [panel for board in COMMITTED for panel in board.panels if panel.title == "Key figures"]

    assert len(panels) == 2
    for panel in panels:
        assert panel.json["options"]["graphMode"] == "area"
        # Otherwise Grafana draws the pence of the average spend on the scale of the revenue.
        assert panel.json["fieldConfig"]["defaults"]["fieldMinMax"] is True


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_dates_begin_with_the_day(board: Board, panel: Panel) -> None:
    del board
    units = [field["unit"] for field in fields_of(panel) if str(field.get("unit")).startswith(("time", "date"))]

    assert all(re.fullmatch(r"time:(ddd )?(DD/MM/YYYY( HH:mm)?|MM/YYYY|HH:mm)", unit) for unit in units)


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_uses_a_provisioned_data_source(board: Board, panel: Panel) -> None:
    del board
    references = [panel.json["datasource"], *(target["datasource"] for target in panel.json["targets"])]

    assert {reference["uid"] for reference in references} == {panel.datasource}
    assert all(reference["type"] == DATASOURCES[reference["uid"]] for reference in references)
    assert len({target.ref_id for target in panel.targets}) == len(panel.targets) > 0


@pytest.mark.parametrize("sql", QUERIES)
def test_every_macro_and_variable_is_replaced(sql: str) -> None:
    assert "$" not in sql


@pytest.mark.parametrize("sql", QUERIES)
def test_every_query_is_valid_in_redshift(sql: str) -> None:
    violations = sqlfluff.lint(sql + "\n", dialect="redshift", rules=["CP01"])

    assert [violation["description"] for violation in violations if violation["code"] == "PRS"] == []
    assert not FORBIDDEN.search(sql.lower())


@pytest.mark.parametrize("sql", QUERIES)
def test_every_query_reads_only_marts(sql: str) -> None:
    read = set(re.findall(r"\b(?:from|join)\s+(\w+\.\w+)", sql))

    assert read
    assert read <= {f"mart.{name}" for name in mart_names()}


@pytest.mark.parametrize("sql", QUERIES)
def test_no_query_uses_an_alias_with_capitals(sql: str) -> None:
    # Redshift returns "Revenue" as revenue.
    assert all(alias == alias.lower() and alias.isascii() for alias in re.findall(r'"([^"]+)"', sql))


def test_the_query_of_a_variable_is_an_object_with_a_format() -> None:
    for board in COMMITTED:
        for variable in board.json["templating"]["list"]:
            assert variable["datasource"]["uid"] in DATASOURCES
            if variable["datasource"]["uid"] == "cafe-warehouse":
                assert variable["query"]["format"] == 1


def test_every_link_leads_to_a_board_with_that_variable() -> None:
    boards = {board.uid: board for board in COMMITTED}
    links = [
        (link["url"], target.sql)
        for board in COMMITTED
        for panel in board.panels
        for field in fields_of(panel)
        for link in field.get("links") or ()
        for target in panel.targets
        if isinstance(target, WarehouseTarget)
    ]

    assert links
    for link, sql in links:
        found = re.fullmatch(
            r"/d/([a-z-]+)\?\$\{__url_time_range\}&var-(\w+)=\$\{__data\.fields\.(\w+):percentencode\}", link
        )
        assert found
        # As a number, the browser would round it.
        assert re.search(rf"cast\(\w+\.{found[3]} as varchar\) as {found[3]}\b", sql)
        assert found[2] in {variable.name for variable in boards[found[1]].variables}


def test_every_board_links_to_the_others_and_keeps_the_period() -> None:
    for board in COMMITTED:
        (link,) = board.json["links"]
        assert (link["type"], link["tags"], link["keepTime"]) == ("dashboards", board.json["tags"], True)


# --- CloudWatch: patterns find the names that CloudFormation generates

NAMES = {
    "function": ("cafe-dev-ExtractFunction-A1b2C3d4", "cafe-prod-LoadFunction-x", "cafe-dev-TransformFunction-Zz9"),
    "queue": ("cafe-dev-ArrivalsQueue-A1b2", "cafe-prod-ExtractedQueue-x", "cafe-dev-TransformedQueue-Zz9"),
    "dead_letters": ("cafe-dev-ArrivalsDeadLetterQueue-A1", "cafe-prod-TransformedDeadLetterQueue-x"),
    "workgroup": ("cafe-dev", "cafe-prod"),
    "namespace": ("cafe-dev", "cafe-prod"),
}
OTHERS = ("payroll-ExtractFunction-A1b2", "cafe-dev-OnceFunction-x", "orders-queue", "default", "my-cafe-dev")


def test_only_the_pattern_of_the_environment_captures_a_group() -> None:
    # Grafana uses the captured text as the value.
    capturing = {
        variable.name for board in COMMITTED for variable in board.variables if re.compile(variable.pattern).groups
    }

    assert capturing == {ENVIRONMENT}


@pytest.mark.parametrize("environment", ["dev", "prod"])
@pytest.mark.parametrize("name", NAMES)
def test_a_hidden_variable_finds_only_names_of_the_stack_of_its_environment(name: str, environment: str) -> None:
    (pipeline,) = (board for board in COMMITTED if board.uid == "pipeline")
    (variable,) = (variable for variable in pipeline.variables if variable.name == name)
    everything = [
        Choice(text, text) for text in sorted({*OTHERS, *(text for texts in NAMES.values() for text in texts)})
    ]

    found = choices_that_match(variable, everything, {ENVIRONMENT: [environment]})

    assert variable.hidden
    assert variable.default == ALL
    assert {choice.value for choice in found} == {
        text for text in NAMES[name] if text.startswith(f"cafe-{environment}")
    }


def test_the_environment_is_that_of_the_pipelines_own_metrics() -> None:
    (pipeline,) = (board for board in COMMITTED if board.uid == "pipeline")
    first, *others = pipeline.variables

    assert (first.name, first.query) == (ENVIRONMENT, Namespaces())
    assert choices_that_match(first, [Choice("AWS/SQS", "AWS/SQS"), Choice("Cafe/prod", "Cafe/prod")], {}) == [
        Choice("prod", "prod")
    ]
    assert [variable.name for variable in others if f"${{{ENVIRONMENT}}}" not in variable.pattern] == []


@pytest.mark.parametrize(
    ("title", "name", "short"),
    [
        ("Dead letters", "cafe-dev-ArrivalsDeadLetterQueue-A1", "arrivals"),
        ("Messages waiting", "cafe-prod-TransformedQueue-A1", "transformed"),
        ("Function errors", "cafe-dev-LoadFunction-A1", "load"),
        ("Function errors", "cafe-prod-ExtractFunction-A1", "extract"),
    ],
)
def test_a_generated_name_is_shown_as_its_noun(title: str, name: str, short: str) -> None:
    (pipeline,) = (board for board in COMMITTED if board.uid == "pipeline")
    overrides = pipeline.panel(title).json["fieldConfig"]["overrides"]

    (found,) = (each for each in overrides if re.search(each["matcher"]["options"].strip("/"), name))
    assert found["matcher"]["id"] == "byRegexp"
    assert found["properties"] == [{"id": "displayName", "value": short}]


def test_every_metric_is_one_of_the_pipelines() -> None:
    (pipeline,) = (board for board in COMMITTED if board.uid == "pipeline")
    known = {variable.name for variable in pipeline.variables}
    targets = [target for panel in pipeline.panels for target in panel.targets if isinstance(target, MetricTarget)]

    for target in targets:
        for texts in target.dimensions.values():
            assert all(text.removeprefix("$") in known for text in texts if text.startswith("$"))
        assert target.expression or (target.namespace and target.metric_name and target.statistic and target.dimensions)
    assert {target.metric_name for target in targets} >= {
        "Errors",
        "Duration",
        "Throttles",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateAgeOfOldestMessage",
        "ComputeSeconds",
        "DataStorage",
        "StatusCheckFailed",
    }


def test_one_dead_letter_is_red() -> None:
    (pipeline,) = (board for board in COMMITTED if board.uid == "pipeline")
    steps = pipeline.panel("Dead letters").json["fieldConfig"]["defaults"]["thresholds"]["steps"]

    assert [(step["value"], step["color"]) for step in steps] == [(None, "green"), (1, "red")]


def test_the_price_in_the_description_is_the_price_of_the_calculation() -> None:
    (pipeline,) = (board for board in COMMITTED if board.uid == "pipeline")
    panel = pipeline.panel("Warehouse cost by day")
    metric, cost = panel.targets

    price = re.search(r"\$(0\.\d+) per RPU and hour", panel.description)
    assert price
    assert isinstance(metric, MetricTarget)
    assert isinstance(cost, MetricTarget)
    assert cost.expression == f"{metric.id} / 3600 * {price[1]}"
    assert (metric.hidden, cost.hidden, metric.period) == (True, False, "86400")


def test_the_reader_needs_only_the_json() -> None:
    board = board_of(json.loads(json.dumps(dict(COMMITTED[0].json))))

    assert board == COMMITTED[0]
    assert board.panels[0].is_row
