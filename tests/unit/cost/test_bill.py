"""The bill follows from the template: no type without a line, and each lever moves its own line only."""

from datetime import date
from pathlib import Path

import pytest

from cafe.answers.cost.bill import (
    PIPELINE_METRICS,
    Bill,
    Use,
    loads_a_night,
    make_bill,
    tries_of_a_failing_file,
    use_of_nights,
    wake_seconds,
)
from cafe.answers.cost.inventory import BILLED, FREE, take_inventory
from cafe.answers.cost.prices import committed_prices, read_prices
from cafe.deployed.template import read_template
from cafe.errors import CafeError, Misused
from template.metrics import sender_metrics, stage_metrics
from unit.cli.builders import nights_row

TEMPLATE = read_template()
BASE = Use()


def bill(use: Use = BASE, **parameters: str) -> Bill:
    """Write the bill of the committed template, with other parameters where they are named."""
    return make_bill(take_inventory(TEMPLATE, parameters), use, committed_prices())


def months(found: Bill) -> dict[str, float]:
    """Return the dollars of a month by line."""
    return {line.name: round(line.month, 2) for line in found.lines}


def changed(before: Bill, after: Bill) -> set[str]:
    """Return the lines that differ."""
    one, other = months(before), months(after)
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def test_each_type_of_the_template_has_a_line_or_is_free() -> None:
    types = {declared["Type"] for declared in TEMPLATE["Resources"].values()}

    assert types == BILLED.keys() | FREE
    assert not BILLED.keys() & FREE


def test_each_billed_type_is_a_line_of_the_whole_bill() -> None:
    with_a_balancer = bill(BalancerCertificateArn="arn", BalancerDomainName="a.example")

    assert set(BILLED.values()) <= months(with_a_balancer).keys()


def test_a_type_without_a_price_is_refused() -> None:
    more = {**TEMPLATE, "Resources": {**TEMPLATE["Resources"], "Way": {"Type": "AWS::EC2::NatGateway"}}}

    with pytest.raises(CafeError, match="No price is known of AWS::EC2::NatGateway"):
        take_inventory(more, {})


def test_a_parameter_that_is_not_there_is_refused() -> None:
    with pytest.raises(Misused, match="no parameter BaseCapasity"):
        take_inventory(TEMPLATE, {"BaseCapasity": "4"})


def test_every_price_has_a_page_of_amazon_and_a_day() -> None:
    for name, price in committed_prices().by_name.items():
        assert price.page.startswith("https://aws.amazon.com/"), name
        assert date(2026, 11, 1) <= price.noted, name


@pytest.mark.parametrize(
    ("use", "parameters", "lines"),
    [
        (BASE, {"LoadBatchingWindowSeconds": "20"}, {"warehouse loads"}),
        (
            BASE,
            {"BaseCapacity": "16", "MaxCapacity": "32"},
            {"warehouse loads", "warehouse checks", "warehouse boards"},
        ),
        (BASE, {"MorningMail1": "a@b"}, {"endpoints"}),
        (BASE, {"CheckSchedule": "cron(0 7 * * ? *)"}, {"warehouse checks"}),
        (Use(checks=1), {}, {"warehouse checks"}),
        (Use(looks=1), {}, {"warehouse boards"}),
        (Use(failing=1), {}, {"warehouse failing files"}),
        (Use(grafana_hours=12), {}, {"grafana machine", "grafana address", "grafana bucket"}),
    ],
)
def test_a_lever_moves_its_own_lines(use: Use, parameters: dict[str, str], lines: set[str]) -> None:
    assert changed(bill(), bill(use, **parameters)) == lines


def test_without_the_host_its_lines_and_its_alarm_are_gone() -> None:
    everything, without = bill(), bill(Use(grafana_hours=0))

    alarm = months(everything)["alarms"] - months(without)["alarms"]
    assert alarm == pytest.approx(0.10)
    assert without.month == pytest.approx(everything.month_without_grafana)
    assert without.month == pytest.approx(without.month_without_grafana)


@pytest.mark.parametrize(
    ("files", "spread", "window", "loads"),
    [(18, 60, 20, 18), (18, 60, 300, 9), (200, 60, 20, 100), (200, 60, 300, 12), (18, 0, 20, 1), (0, 60, 20, 0)],
)
def test_a_load_takes_what_came_in_its_window(files: int, spread: float, window: float, loads: int) -> None:
    assert loads_a_night(files, spread, window) == loads


@pytest.mark.parametrize(
    ("loads", "seconds", "spread", "billed"),
    [(0, 15, 60, 0), (1, 15, 0, 60), (1, 90, 0, 90), (9, 15, 60, 540), (100, 15, 60, 3660)],
    ids=["none", "a minute at least", "a long one", "apart", "never twice at once"],
)
def test_a_wake_is_billed_as_a_minute_at_least(loads: float, seconds: float, spread: float, billed: float) -> None:
    assert wake_seconds(loads, seconds, spread) == billed


def test_a_failing_file_does_not_wake_the_warehouse_at_each_delivery() -> None:
    assert tries_of_a_failing_file(50) == 27


def test_the_metrics_are_those_that_the_source_publishes() -> None:
    # And Powertools counts the cold starts of each function.
    published = sum(len(names - sender_metrics()) for names in stage_metrics().values()) + len(stage_metrics())

    assert published == PIPELINE_METRICS


def test_the_use_of_a_ledger_is_its_average_night() -> None:
    found = use_of_nights(nights_row())

    assert found == Use(cafes=18, files=18, rows_a_file=300, bytes_a_file=40_000, spread_minutes=30, loads=9)
    assert bill(found).loads == 9


def test_a_list_of_prices_replaces_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    entry = '[key]\ndollars = 2.0\nunit = "key"\npage = "https://aws.amazon.com/kms/pricing/"\nnoted = 2026-11-27\n'
    file.write_text(f'region = "here"\n{entry}', encoding="utf-8")

    prices = read_prices(file)

    assert (prices.region, prices.of("key", 3), prices.of("secret", 1)) == ("here", 6.0, 0.40)


@pytest.mark.parametrize("text", ["region", 'region = "x"\n[moon]\ndollars = 1', 'region = "x"\n[key]\nprice = 1', ""])
def test_a_list_of_prices_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(CafeError, match="cannot be read"):
        read_prices(file)


def test_a_dearer_default_is_noticed() -> None:
    assert bill().month < 56
    assert bill().month_without_grafana < 29
