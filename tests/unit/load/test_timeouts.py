"""Each side waits a little longer than the other may take, so that the other side reports the reason."""

import re

from cafe.deployed.environment import LAMBDA_READ_TIMEOUT_SECONDS, STAGES
from cafe.local import runtime
from load.mutex import MOST_WAITS, STALE_AFTER_SECONDS
from load.statements import statement
from load.warehouse import (
    KEEPALIVE_IDLE_SECONDS,
    KEEPALIVE_INTERVAL_SECONDS,
    KEEPALIVE_PROBES,
    LOCK_TIMEOUT_SECONDS,
    SOCKET_TIMEOUT_SECONDS,
)
from shared.aws_clients import CONNECT_SECONDS, MOST_TRIES, READ_SECONDS
from simulation import process
from simulation.queues import VISIBILITY_SECONDS
from template.stack import Stack, read_source
from unit.docs.pages import page, sections, table_rows

RESOURCES = Stack(read_source(), {"BalancerCertificateArn": "a certificate"}).resources
FUNCTION_SECONDS = int(RESOURCES["LoadFunction"].properties["Timeout"])
OTHER_FUNCTIONS_SECONDS = int(RESOURCES["ExtractFunction"].properties["Timeout"])
AWS_CALL_SECONDS = MOST_TRIES * (CONNECT_SECONDS + READ_SECONDS)
(WORK_MILLISECONDS,) = re.findall(r"\d+", statement("load/work_timeout"))
BALANCER = {item["Key"]: item["Value"] for item in RESOURCES["Balancer"].properties["LoadBalancerAttributes"]}
# From the innermost to the outermost; docs/architecture.md says what each is.
CHAIN = [
    LOCK_TIMEOUT_SECONDS,
    AWS_CALL_SECONDS,
    OTHER_FUNCTIONS_SECONDS,
    int(BALANCER["idle_timeout.timeout_seconds"]),
    int(WORK_MILLISECONDS) // 1000,
    SOCKET_TIMEOUT_SECONDS,
    FUNCTION_SECONDS,
    STALE_AFTER_SECONDS,
    LAMBDA_READ_TIMEOUT_SECONDS,
    int(RESOURCES["ExtractedQueue"].properties["VisibilityTimeout"]),
    int(RESOURCES["TransformedQueue"].properties["VisibilityTimeout"]),
]


def test_F48_each_side_gives_up_before_the_one_that_waits_for_it() -> None:
    assert sorted(set(CHAIN)) == CHAIN


def test_the_page_lists_the_time_outs_in_this_order() -> None:
    rows = table_rows(sections(page("architecture"), 2)["Time-outs"])

    assert [row["at most"] for row in rows] == [f"{seconds:,} s" for seconds in CHAIN]


def test_the_balancer_waits_for_a_warehouse_that_wakes() -> None:
    """Two minutes is what docs/first-deploy.md expects of a first load, which runs more statements than a board."""
    assert int(BALANCER["idle_timeout.timeout_seconds"]) > 120


def test_F48_a_peer_that_is_gone_is_noticed_before_the_function_ends() -> None:
    assert KEEPALIVE_IDLE_SECONDS + KEEPALIVE_INTERVAL_SECONDS * KEEPALIVE_PROBES < FUNCTION_SECONDS


def test_F29_a_waiter_gives_up_within_its_function_and_terminates_no_session_whose_function_may_live() -> None:
    assert MOST_WAITS * LOCK_TIMEOUT_SECONDS < FUNCTION_SECONDS < STALE_AFTER_SECONDS


def test_a_stage_that_is_invoked_on_this_machine_has_the_limits_of_the_template() -> None:
    for stage in STAGES:
        function = RESOURCES[f"{stage.capitalize()}Function"].properties

        assert (function["Timeout"], function["MemorySize"]) == (runtime.TIMEOUT_SECONDS[stage], runtime.MEMORY_MB)


def test_the_simulator_has_the_time_outs_of_the_template() -> None:
    functions = {stage: RESOURCES[f"{stage.capitalize()}Function"].properties["Timeout"] for stage in STAGES}
    queues = {
        name: RESOURCES[f"{name.capitalize()}Queue"].properties["VisibilityTimeout"] for name in VISIBILITY_SECONDS
    }

    assert functions == process.TIMEOUT_SECONDS
    assert {name: int(seconds) for name, seconds in queues.items()} == VISIBILITY_SECONDS
