"""Figures and names on the pages equal those of the code and the template."""

import re
from typing import Any

import pytest

from extract import branch_csv, cells, lines, stage
from extract.dialects import compiled
from grafana.boards import machine
from load import batches, mutex, warehouse
from patched_ministack import aws_limits
from sabotage.mutants import MUTANTS
from shared import contracts
from template.metrics import sender_metrics, stage_metrics
from template.stack import Resource, Stack, read_source
from unit.docs.pages import ROOT, blocks, code_spans, page, sections, table_rows


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(read_source())


def queue_figures(stack: Stack, stage: str, queue_name: str) -> dict[str, int]:
    queue = resource(stack, "AWS::SQS::Queue", queue_name).properties
    timeout = int(resource(stack, "AWS::Lambda::Function", f"{stage}Function").properties["Timeout"])
    visibility, tries = int(queue["VisibilityTimeout"]), int(queue["RedrivePolicy"]["maxReceiveCount"])
    return {
        "visibility": visibility,
        "tries": tries,
        "hours": visibility * tries // 3600,
        "days": int(queue["MessageRetentionPeriod"]) // 86_400,
        "timeout": timeout,
        "window": visibility - 6 * timeout,
    }


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("architecture", f"parts of at most {contracts.ROWS_PER_PART:,} rows"),
        ("architecture", f"`{contracts.PLAN_ID}` is contract version {contracts.CONTRACT_VERSION}"),
        ("architecture", f"A message is at most {contracts.MAX_MESSAGE_BYTES:,} bytes"),
        ("architecture", f"wait for it, {mutex.MOST_WAITS} times {warehouse.LOCK_TIMEOUT_SECONDS} s at most"),
        ("data-dictionary", f"at most {contracts.MAX_MESSAGE_BYTES:,} bytes"),
        ("data-dictionary", f"at most {contracts.MAX_DETAIL_CHARACTERS} characters"),
        ("data-dictionary", f"Contract version and part size by which the file was cut: `{contracts.PLAN_ID}`"),
        (
            "branch-files",
            f"| {lines.MAX_EXPANDED_BYTES // 1_000_000:,} MB, {lines.MAX_LINES // 1_000_000} million lines | a file",
        ),
        ("branch-files", f"| {lines.MAX_EXPANSION} to 1 |"),
        ("branch-files", f"from {lines.EXPANSION_FLOOR_BYTES >> 20} MiB on"),
        ("branch-files", f"| {lines.MAX_LINE_CHARACTERS:,} characters | a line |"),
        (
            "branch-files",
            f"| {branch_csv.MAX_ORDER_LINES} lines, {compiled.MAX_ITEMS:,} items | an order of several lines |",
        ),
        ("branch-files", f"| {branch_csv.MAX_RECORD_LINES} lines | a row with line ends inside quotes |"),
        ("branch-files", f"| {cells.MAX_NAME_BYTES} bytes | a branch's name"),
        ("branch-files", f"| {stage.MAX_UNSORTED_ROWS:,} rows | a file that is not sorted"),
        ("branch-files", f"Dates from {cells.EARLIEST_DAY.isoformat()} to the day after"),
        (
            "decisions/stages",
            (
                f"at most {lines.MAX_EXPANDED_BYTES // 1_000_000:,} MB after decompression, "
                f"and {lines.MAX_LINES // 1_000_000} million lines"
            ),
        ),
        (
            "decisions/stages",
            f"{lines.MAX_EXPANSION} to 1; this is checked from {lines.EXPANSION_FLOOR_BYTES >> 20} MiB on",
        ),
        (
            "decisions/stages",
            f"A line may have {lines.MAX_LINE_CHARACTERS:,} characters, and a file that is not sorted ",
        ),
        ("decisions/stages", f"{stage.MAX_UNSORTED_ROWS:,} rows. A part has at most {contracts.ROWS_PER_PART:,} rows"),
        ("reject-rules", f"once {branch_csv.LINES_TO_RECOGNISE} lines are rejected"),
        ("reject-rules", f"the key must fit {contracts.MAX_KEY_JSON_BYTES:,} bytes"),
        (
            "reject-rules",
            f"More than {lines.MAX_EXPANDED_BYTES // 1_000_000:,} MB or {lines.MAX_LINES // 1_000_000} million lines",
        ),
        ("reject-rules", f"more than {stage.MAX_UNSORTED_ROWS:,} rows"),
    ],
)
def test_a_figure_of_the_code_is_on_the_page(name: str, sentence: str) -> None:
    assert sentence in " ".join(page(name).split())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("architecture", "{visibility} s (extract, transform), which is more than 6 × the time-out of {timeout} s"),
        ("architecture", "{load[visibility]:,} s (load) = 6 × the time-out of {load[timeout]} s, + load's window of"),
        ("architecture", "+ load's window of {load[window]} s |"),
        ("architecture", "| {tries} (extract, transform) or {load[tries]} (load), so {hours} h or {load[hours]} h:"),
        ("architecture", "| {days} days in a queue, 14 days in all"),
        ("decisions/aws", "It is kept for {days} days in a queue, and for 14 days in its dead-letter queue."),
        ("decisions/aws", "{tries} × {visibility} s = {hours}"),
        ("decisions/aws", "{load[tries]} × {load[visibility]:,} s = {load[hours]}"),
        ("operations", "reached its timeout ({timeout} s, load {load[timeout]} s)"),
        ("operations", "is tried again every {load[visibility]:,} s, {load[tries]} times"),
        ("privacy", "| {days} days, 14 with the dead-letter queue |"),
    ],
)
def test_a_figure_of_the_queues_is_on_the_page(stack: Stack, name: str, sentence: str) -> None:
    load = queue_figures(stack, "Load", "TransformedQueue")
    others = queue_figures(stack, "Extract", "ArrivalsQueue")

    assert others == queue_figures(stack, "Transform", "ExtractedQueue")
    assert sentence.format(**others, load=load) in " ".join(page(name).split())


def capacity_figures(stack: Stack) -> dict[str, float]:
    """Give the warehouse's capacity and prices in dollars by the template's defaults. A month has 730 hours."""
    (workgroup,) = stack.of_type("AWS::RedshiftServerless::Workgroup")
    base = int(workgroup.properties["BaseCapacity"])
    hour = base * aws_limits.DOLLARS_PER_RPU_HOUR
    # The deliveries at which load tries a message. At the others it does not wake the warehouse.
    deliveries = range(1, queue_figures(stack, "Load", "TransformedQueue")["tries"] + 1)
    tries = len(list(filter(batches.is_due, deliveries)))
    return {
        "base": base,
        "maximum": int(workgroup.properties["MaxCapacity"]),
        "price": aws_limits.DOLLARS_PER_RPU_HOUR,
        "seconds": base * 4 * 3600,
        "hour": hour,
        "four_hours": hour * 4,
        "minute": hour / 60,
        "cents": hour / 60 * 100,
        "checks": 2 * 30 * hour / 60,
        "tries": tries,
        "all_tries": tries * hour / 60,
        "saved": (tries - len([number for number in deliveries if number <= 4 or number % 4 == 0])) * hour / 60,
        "deliveries": queue_figures(stack, "Load", "TransformedQueue")["tries"],
        "before": queue_figures(stack, "Load", "TransformedQueue")["tries"] * hour / 60,
        "outage": hour * queue_figures(stack, "Load", "TransformedQueue")["hours"],
        "endpoints": sum(
            len(endpoint.properties.get("SubnetIds", [])) * aws_limits.DOLLARS_PER_ENDPOINT_HOUR * 730
            for endpoint in stack.of_type("AWS::EC2::VPCEndpoint")
        ),
        "endpoint": aws_limits.DOLLARS_PER_ENDPOINT_HOUR,
    }


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("operations", "four hours of its base capacity: {seconds:,} RPU-seconds at {base} RPU"),
        ("grafana-host", "{base} RPU at {price} dollars an hour cost {hour:.2f} dollars an hour"),
        ("decisions/watching", "each query would wake it, for {cents:.0f} cents"),
        ("decisions/aws", "`BaseCapacity` is {base} RPU and `MaxCapacity` is {maximum}"),
        ("decisions/aws", "{base} RPU at {price} an hour, while it works | {hour:.2f} an hour, {minute:.2f} a minute;"),
        ("decisions/aws", "| two scheduled checks a day | {minute:.2f} each | {checks:.2f} |"),
        ("decisions/aws", "| {endpoint} an hour | {endpoints:.2f} |"),
        ("decisions/aws", "{tries} tries, if each wakes the warehouse | {minute:.2f} a try | {all_tries:.2f} for each"),
        ("decisions/load", "{tries} tries instead of {deliveries}: {all_tries:.2f} dollars instead of {before:.2f}"),
        ("decisions/load", "{outage:.0f} dollars"),
        ("decisions/load", "would be two hours, for {saved:.2f} dollars less"),
    ],
)
def test_a_cost_on_the_page_follows_the_template(stack: Stack, name: str, sentence: str) -> None:
    assert sentence.format(**capacity_figures(stack)) in " ".join(page(name).split())


def test_the_parameters_description_says_what_its_default_stands_for(stack: Stack) -> None:
    sentence = "{seconds:,} at {base} RPU, about {four_hours:.0f} dollars.".format(**capacity_figures(stack))

    assert stack.parameters["WarehouseSecondsADay"]["Description"].endswith(sentence)


def test_the_boards_price_is_that_of_the_limits() -> None:
    assert machine.DOLLARS_PER_RPU_HOUR == aws_limits.DOLLARS_PER_RPU_HOUR


def resource(stack: Stack, resource_type: str, logical_id: str) -> Resource:
    (found,) = [found for found in stack.of_type(resource_type) if found.logical_id == logical_id]
    return found


def lifecycle_days(stack: Stack, bucket: str) -> dict[str, tuple[int, int]]:
    """Give expiry and expiry of hidden versions by prefix, both in days; 0 where there is none."""
    rules: list[dict[str, Any]] = resource(stack, "AWS::S3::Bucket", bucket).properties["LifecycleConfiguration"][
        "Rules"
    ]
    return {
        rule.get("Prefix", ""): (
            rule["ExpirationInDays"],
            rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0),
        )
        for rule in rules
        if "ExpirationInDays" in rule
    }


@pytest.mark.parametrize("stage", ["extract", "transform", "load"])
def test_the_architecture_says_how_many_of_a_function_run_and_what_they_take(stack: Stack, stage: str) -> None:
    (row,) = (line for line in page("architecture").splitlines() if line.startswith(f"| {stage} | at most"))
    (source,) = (
        mapping.properties
        for mapping in stack.of_type("AWS::Lambda::EventSourceMapping")
        if f"{stage.title()}Function" in str(mapping.properties["FunctionName"])
    )
    at_once, messages = re.search(r"at most \[?(\d+) at once.* batches of up to \[?(\d+) messages", row).groups()  # type: ignore[union-attr]

    assert (int(at_once), int(messages)) == (source["ScalingConfig"]["MaximumConcurrency"], source["BatchSize"])


def test_retention_on_the_page_is_the_templates(stack: Stack) -> None:
    rows = {row["where"]: row["how long"] for row in table_rows(page("privacy")) if "how long" in row}
    kept = {row["what"]: row["kept"] for row in table_rows(page("data-dictionary")) if "kept" in row}
    ((raw, hidden),) = lifecycle_days(stack, "DropBucket").values()
    staged = {prefix: f"{days} days" for prefix, (days, _) in lifecycle_days(stack, "StagingBucket").items()}
    logged: dict[str, set[int]] = {}
    for group in stack.of_type("AWS::Logs::LogGroup"):
        owner = stack.text(group.properties["LogGroupName"]).split("/")[1]
        logged.setdefault(owner, set()).add(group.properties["RetentionInDays"])

    assert rows["drop bucket"] == f"{raw} days, then {hidden} more"
    assert rows["drop bucket, a version that was overwritten or deleted"] == f"{hidden} day"
    assert {rows["extracted/ in the staging bucket"], kept["extracted rows"]} == {staged["extracted/"]}
    assert {
        rows["transformed/"],
        kept["tables of a part, unless its message carries them"],
        kept["rows that the messages of one load carried"],
        kept["manifests for COPY"],
    } == {staged["transformed/"]}
    assert {rows["rejects/"], kept["rows that extract rejected"], kept["rows that transform rejected"]} == {
        staged["rejects/"]
    }
    assert logged == {"cafe": {30}, "aws": {90}}
    assert rows["logs"] == "30 days"
    assert rows["Redshift's own logs"] == "90 days"


def test_the_architecture_lists_every_log_event_and_every_metric() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    logged = {
        name for source in sources for name in re.findall(r'logger\.(?:info|warning|error)\(\s*"([\w.]+)"', source)
    }
    emitted = {"event": logged, "metric": sender_metrics().union(*stage_metrics().values())}

    rows = table_rows(sections(page("architecture"), 2)["Logs, metrics and alarms"])

    for column, names in emitted.items():
        assert {name for row in rows if column in row for name in row[column].split(", ")} == names


def test_the_modules_that_the_architecture_names_are_those_stage_metrics() -> None:
    rows = table_rows(sections(page("architecture"), 2)["The three stages"])
    named: dict[str, set[str]] = {"extract": set(), "transform": set(), "load": set()}
    for row in (row for row in rows if "module" in row):
        for stage_name in named if row["in"] == "all" else [row["in"]]:
            named[stage_name] |= {module for module in row["module"].split(", ") if module.endswith(".py")}

    found = {name: {path.name for path in (ROOT / "src" / name).glob("*.py")} - {"__init__.py"} for name in named}

    assert named == found


def test_the_statements_in_the_picture_of_the_load_transaction_are_files_of_load() -> None:
    (picture,) = blocks(sections(page("architecture"), 2)["The load transaction"], "mermaid")
    named = set(re.findall(r'\["([a-z_]+): ', picture))

    assert "find_known" in named
    assert named <= {path.stem for path in (ROOT / "src/load/sql/load").glob("*.sql")}


def test_the_checks_run_when_the_page_says(stack: Stack) -> None:
    schedule = resource(stack, "AWS::Scheduler::Schedule", "WarehouseCheckSchedule").properties

    assert schedule["ScheduleExpression"] == "cron(0 7,22 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/London"
    assert "at 07:00 and 22:00 London time" in page("architecture")


def test_the_pages_call_things_by_the_templates_names(stack: Stack) -> None:
    spans = {span for name in ("architecture", "privacy") for span in code_spans(page(name))}
    roles = {span for span in spans if re.fullmatch(r"[A-Z]\w+Role", span)}

    assert roles <= {role.logical_id for role in stack.of_type("AWS::IAM::Role")}


def test_the_page_says_how_many_mistakes_the_tests_must_notice() -> None:
    assert f"Makes {len(MUTANTS)} mistakes in a copy of the project" in page("reliability")


@pytest.mark.parametrize("name", ["operations", "architecture", "decisions/load"])
def test_the_pages_say_at_which_deliveries_load_tries_a_message(name: str) -> None:
    ordinals = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    every = rf"every {ordinals[batches.DELIVERIES_A_TRY]}\b"
    first = rf"first {['', 'one', 'two', 'three', 'four', 'five'][batches.PROMPT_TRIES]} (deliveries|times)"

    assert re.search(rf"{first}[^.|]*{every}", page(name))
