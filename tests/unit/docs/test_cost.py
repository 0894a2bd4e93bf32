"""The page of costs has the figures of the model, which reads the template."""

import re

from cafe.answers.cost.bill import BOARDS, Use, make_bill
from cafe.answers.cost.inventory import take_inventory
from cafe.answers.cost.prices import committed_prices
from cafe.deployed.template import read_template
from unit.docs.pages import page, sections, table_rows

STACK = take_inventory(read_template(), {})
BILLS = {cafes: make_bill(STACK, Use(cafes=cafes, files=cafes), committed_prices()) for cafes in (18, 200)}
SMALLEST = 0.005


def computed() -> dict[str, list[str]]:
    """Return the dollars of both chains by line, with the two sums."""
    lines = [
        (small.name, [small.month, large.month])
        for small, large in zip(BILLS[18].lines, BILLS[200].lines, strict=True)
        if max(small.month, large.month) >= SMALLEST
    ]
    lines.append(("together", [bill.month for bill in BILLS.values()]))
    lines.append(("without Grafana's host and boards", [bill.month_without_grafana for bill in BILLS.values()]))
    return {name: [f"{month:.2f}" for month in months] for name, months in lines}


def test_the_examples_are_those_of_the_model() -> None:
    rows = table_rows(page("cost"))

    shown = {row["line"].strip("*"): [row["18 cafés"], row["200 cafés"]] for row in rows if "line" in row}
    assert shown == computed()


def test_grafanas_host_costs_what_its_page_says() -> None:
    rows = table_rows(sections(page("grafana-host"), 2)["What it costs"])

    shown = [row["about"] for row in rows if not row["what is billed"].startswith("optional")]
    lines = [line for line in BILLS[18].lines if line.group == BOARDS and line.name != "warehouse boards"]
    assert shown == [f"{line.month:.2f}" for line in lines]


def test_what_is_sent_at_once_saves_what_the_page_says() -> None:
    [aim] = re.findall(r"falls by (\d+\.\d\d)", page("cost"))
    at_once = make_bill(STACK, Use(spread_minutes=5), committed_prices())

    assert f"{BILLS[18].month - at_once.month:.2f}" == aim
