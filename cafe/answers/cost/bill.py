"""The bill of a month, line by line, from what the template declares, what is sent, and the prices. Pure.

An estimate: nothing was measured on AWS. What is assumed is a constant here, or a field of `Use`.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cafe.answers.cost.inventory import Inventory
from cafe.answers.cost.prices import Prices
from load.batches import is_due

DAYS_A_MONTH = 365 / 12
HOURS_A_MONTH = 24 * DAYS_A_MONTH
# Redshift Serverless bills at least this each time it wakes.
SHORTEST_WAKE_SECONDS = 60
# Lambda guide, "Using Lambda with Amazon SQS": it asks a queue with five connections, each of which waits for 20 s.
POLLS_A_QUEUE_AND_HOUR = 5 * 3600 / 20
# Assumed for each file: what the three functions write, and their requests to S3, with room for rejects and for COPY.
# A list is billed as a write.
LOG_BYTES_A_FILE = 20_000
WRITES_A_FILE = 5
READS_A_FILE = 3
# Assumed: a start, and the speed of reading and checking, with room to spare.
STAGE_SECONDS_A_FILE = 1.0
ROWS_A_SECOND = 50_000
# Assumed: a row of the warehouse and its share of all tables, kept for a year; snapshots double it.
WAREHOUSE_BYTES_A_ROW = 400
RAW_AND_STAGED_DAYS = 7 + 2 * 14
# Metrics of the pipeline's own, by function; a test counts them in the source. And those of each sender of files.
PIPELINE_METRICS = 25
METRICS_A_SENDER = 2
# Alarms tell that they went off, and that all is well again: once a day is a bad month.
ALARM_MAILS_A_MONTH = 60
# The groups of lines. Without Grafana's host, the lines of BOARDS are not there.
WAREHOUSE, BOARDS, NETWORK, WATCHING, REST = "warehouse", "grafana", "network", "watching", "rest"


@dataclass(frozen=True, slots=True)
class Use:
    """What a chain does in a night, and who looks. ``loads`` and ``checks`` are computed if they are None."""

    cafes: int = 18
    files: int = 18
    rows_a_file: int = 300
    bytes_a_file: int = 40_000
    spread_minutes: float = 60
    load_seconds: float = 15
    loads: float | None = None
    checks: int | None = None
    looks: float = 10
    grafana_hours: float = 24
    failing: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the bill: what is billed, how much of it in a month, and its dollars."""

    name: str
    group: str
    amount: float
    unit: str
    month: float

    @property
    def night(self) -> float:
        """The dollars of one day and its night."""
        return self.month / DAYS_A_MONTH


@dataclass(frozen=True, slots=True)
class Bill:
    """The lines, and how often a day the warehouse wakes for loads and for checks.

    ``month_without_grafana`` are the dollars of a month without Grafana's host, its alarm and boards.
    """

    lines: tuple[Line, ...]
    loads: float
    checks: int
    month_without_grafana: float

    @property
    def month(self) -> float:
        """The dollars of a month."""
        return _dollars(self.lines)


def use_of_nights(nights: Mapping[str, Any]) -> Use:
    """Average the nights of a ledger, as nights.sql describes them."""
    count, files = int(nights["nights"]), int(nights["files"])
    return Use(
        cafes=int(nights["cafes"]),
        files=math.ceil(files / count),
        rows_a_file=math.ceil(nights["rows_in"] / files),
        bytes_a_file=math.ceil(nights["bytes"] / files),
        spread_minutes=float(nights["minutes"] / count),
        loads=float(nights["loads"] / count),
    )


def loads_a_night(files: float, spread_minutes: float, window_seconds: float) -> int:
    """Count the loads of files that arrive evenly spread: each load takes what came in its window."""
    if files <= 0:
        return 0
    gap = spread_minutes * 60 / files
    gathered = files if gap <= 0 else 1 + math.floor(window_seconds / gap)
    return math.ceil(files / gathered)


def wake_seconds(loads: float, load_seconds: float, spread_minutes: float) -> float:
    """Return the seconds that are billed for loads: a minute each at least, and none of them twice."""
    if loads <= 0:
        return 0
    each = max(SHORTEST_WAKE_SECONDS, load_seconds)
    return min(loads * each, spread_minutes * 60 + each) if loads > 1 else loads * each


def tries_of_a_failing_file(receives: int) -> int:
    """Count the deliveries at which load tries a file that always fails; at the others, the warehouse sleeps on."""
    return sum(is_due(delivery) for delivery in range(1, receives + 1))


def make_bill(stack: Inventory, use: Use, prices: Prices) -> Bill:
    """Write the bill of a month."""
    window = stack.number("LoadBatchingWindowSeconds")
    loads = loads_a_night(use.files, use.spread_minutes, window) if use.loads is None else use.loads
    checks = stack.checks_a_day if use.checks is None else use.checks
    lines, without = (
        (
            *_warehouse(stack, each, prices, loads, checks),
            *_boards(stack, each, prices),
            *_network(stack, prices),
            *_watching(stack, each, prices, checks),
            *_rest(stack, each, prices, loads, checks),
        )
        for each in (use, replace(use, grafana_hours=0))
    )
    return Bill(lines, loads, checks, _dollars(without))


def _dollars(lines: Iterable[Line]) -> float:
    return sum(line.month for line in lines)


def _warehouse(stack: Inventory, use: Use, prices: Prices, loads: float, checks: int) -> list[Line]:
    rpu_hours_a_second = stack.number("BaseCapacity") / 3600
    tries = tries_of_a_failing_file(int(stack.number("LoadMaxReceiveCount")))
    seconds: dict[str, float] = {
        "warehouse loads": wake_seconds(loads, use.load_seconds, use.spread_minutes) * DAYS_A_MONTH,
        "warehouse checks": checks * max(SHORTEST_WAKE_SECONDS, use.load_seconds) * DAYS_A_MONTH,
        "warehouse failing files": use.failing * tries * SHORTEST_WAKE_SECONDS,
    }
    stored = 2 * use.files * 365 * use.rows_a_file * WAREHOUSE_BYTES_A_ROW / 1e9
    return [
        *(_line(prices, name, WAREHOUSE, each * rpu_hours_a_second, "rpu_hour") for name, each in seconds.items()),
        _line(prices, "warehouse storage", WAREHOUSE, stored, "warehouse_gb"),
    ]


def _boards(stack: Inventory, use: Use, prices: Prices) -> list[Line]:
    if not use.grafana_hours:
        return []
    up = HOURS_A_MONTH * use.grafana_hours / 24
    [host] = stack.of("AWS::EC2::Instance")
    disk = sum(device["Ebs"]["VolumeSize"] for device in host["BlockDeviceMappings"])
    looks = use.looks * SHORTEST_WAKE_SECONDS * DAYS_A_MONTH * stack.number("BaseCapacity") / 3600
    balancers = stack.count("AWS::ElasticLoadBalancingV2::LoadBalancer")
    lines = [
        _line(prices, "warehouse boards", BOARDS, looks, "rpu_hour"),
        _line(prices, "grafana machine", BOARDS, up, str(stack.value(host["InstanceType"]))),
        _line(prices, "grafana address", BOARDS, up, "address_hour"),
        _line(prices, "grafana disk", BOARDS, disk, "disk_gb"),
        _line(prices, "grafana secret", BOARDS, 1, "secret"),
        # It lists what is published once a minute.
        _line(prices, "grafana bucket", BOARDS, up * 60, "s3_write"),
    ]
    if balancers:
        lines.append(_line(prices, "balancer", BOARDS, balancers * HOURS_A_MONTH, "balancer_hour"))
        lines.append(_line(prices, "balancer addresses", BOARDS, balancers * 2 * HOURS_A_MONTH, "address_hour"))
    return lines


def _network(stack: Inventory, prices: Prices) -> list[Line]:
    return [
        _line(prices, "endpoints", NETWORK, stack.interface_endpoints * HOURS_A_MONTH, "endpoint_hour"),
        _line(prices, "traffic", NETWORK, 1, "traffic_gb"),
    ]


def _watching(stack: Inventory, use: Use, prices: Prices, checks: int) -> list[Line]:
    # A metric is billed for the hours in which it has a value: those of the night's files, one more, and the checks.
    hours = min(24, math.ceil(use.spread_minutes / 60) + 1 + checks)
    metrics = (PIPELINE_METRICS * hours + METRICS_A_SENDER * use.cafes) / 24
    subscriptions = stack.count("AWS::SNS::Subscription")
    alarms = stack.count("AWS::CloudWatch::Alarm") - (0 if use.grafana_hours else 1)
    return [
        _line(prices, "alarms", WATCHING, alarms, "alarm"),
        _line(prices, "metrics", WATCHING, metrics, "metric"),
        _line(prices, "dashboards", WATCHING, stack.count("AWS::CloudWatch::Dashboard"), "dashboard"),
        _line(prices, "logs", WATCHING, use.files * DAYS_A_MONTH * LOG_BYTES_A_FILE / 1e9, "log_gb"),
        _line(prices, "mails", WATCHING, subscriptions * ALARM_MAILS_A_MONTH, "mail"),
    ]


def _rest(stack: Inventory, use: Use, prices: Prices, loads: float, checks: int) -> list[Line]:
    files = use.files * DAYS_A_MONTH
    calls = (loads + checks) * DAYS_A_MONTH
    memory = stack.globals["Function"]["MemorySize"] / 1024
    seconds = 2 * files * (STAGE_SECONDS_A_FILE + use.rows_a_file / ROWS_A_SECOND) + calls * use.load_seconds
    functions = stack.count("AWS::Serverless::Function")
    polls = functions * POLLS_A_QUEUE_AND_HOUR * HOURS_A_MONTH
    stored = RAW_AND_STAGED_DAYS * use.files * use.bytes_a_file / 1e9
    secrets = stack.count("AWS::SecretsManager::Secret") - 1
    schedules = stack.count("AWS::Scheduler::Schedule")
    return [
        _line(prices, "key", REST, stack.count("AWS::KMS::Key"), "key"),
        _line(prices, "key requests", REST, 2 * (files + calls), "key_request"),
        _line(prices, "secrets", REST, secrets, "secret"),
        _line(prices, "secret requests", REST, calls, "secret_request"),
        _line(prices, "queues", REST, polls + 9 * files, "queue_request"),
        _line(prices, "functions", REST, memory * seconds, f"lambda_gb_second_{stack.parameters['Architecture']}"),
        _line(prices, "function requests", REST, 2 * files + calls, "lambda_request"),
        _line(prices, "storage", REST, stored, "s3_gb"),
        _line(prices, "storage writes", REST, files * WRITES_A_FILE, "s3_write"),
        _line(prices, "storage reads", REST, files * READS_A_FILE, "s3_read"),
        _line(prices, "schedules", REST, schedules * max(checks, 1) * DAYS_A_MONTH, "schedule_run"),
        _line(prices, "facts", REST, stack.count("AWS::SSM::Parameter"), "fact"),
    ]


def _line(prices: Prices, name: str, group: str, amount: float, price: str) -> Line:
    return Line(name, group, amount, prices.by_name[price].unit, prices.of(price, amount))
