"""The page of costs adds up, and agrees with the tables that it takes its parts from."""

import re
from decimal import Decimal

from unit.docs.pages import page, sections, table_rows

CENT = Decimal("0.01")


def parts() -> dict[str, Decimal]:
    """Return the dollars a month of each part in the example."""
    return {row["part"].strip("*"): Decimal(row["a month"]) for row in table_rows(page("cost"))}


def test_the_example_adds_up() -> None:
    dollars = parts()
    together = dollars.pop("together")

    assert together == sum(dollars.values())


def test_the_example_without_grafana_adds_up() -> None:
    dollars = parts()
    without = dollars["together"] - dollars["Grafana's host"] - dollars["the warehouse: boards"]

    assert f"is\n  {without}" in page("cost")


def test_alarms_and_metrics_cost_what_the_decision_says() -> None:
    rows = table_rows(sections(page("decisions/watching"), 2)["2026-11-25 · What watching costs on AWS"])
    billed = [re.search(r"0\.\d\d each: (\d+\.\d\d)", row["price"]) for row in rows]

    assert sum(Decimal(found[1]) for found in billed if found) == parts()["alarms and metrics"]


def test_grafanas_host_costs_what_its_page_says() -> None:
    rows = table_rows(sections(page("grafana-host"), 2)["What it costs"])

    billed = [Decimal(row["about"]) for row in rows if not row["what is billed"].startswith("optional")]

    assert sum(billed, Decimal()).quantize(CENT) == parts()["Grafana's host"]


def test_the_rest_costs_what_the_decision_says() -> None:
    title = "2026-11-26 · What the warehouse and the network cost"
    rows = {row["what is billed"]: row for row in table_rows(sections(page("decisions/aws"), 2)[title])}
    dollars = parts()

    assert Decimal(rows["two scheduled checks a day"]["in a month"]) == dollars["the warehouse: checks"]
    assert Decimal(rows["the warehouse's secret"]["in a month"]) == dollars["the warehouse's secret"]
    endpoint = rows["the Secrets Manager endpoint, in one zone, used or not"]["in a month"]
    assert Decimal(endpoint) == dollars["the network: one endpoint"]
