"""Each side waits a little longer than the other may take, so that the other side reports the reason."""

import re

from load.mutex import MOST_WAITS, STALE_AFTER_SECONDS
from load.statements import statement
from load.warehouse import (
    KEEPALIVE_IDLE_SECONDS,
    KEEPALIVE_INTERVAL_SECONDS,
    KEEPALIVE_PROBES,
    LOCK_TIMEOUT_SECONDS,
    SOCKET_TIMEOUT_SECONDS,
)
from template.stack import read_source

FUNCTION_SECONDS = int(read_source()["Globals"]["Function"]["Timeout"])
(WORK_MILLISECONDS,) = re.findall(r"\d+", statement("load/work_timeout"))


def test_F48_a_statement_gives_up_before_the_socket_and_the_socket_before_the_function() -> None:
    seconds = [LOCK_TIMEOUT_SECONDS, int(WORK_MILLISECONDS) / 1000, SOCKET_TIMEOUT_SECONDS, FUNCTION_SECONDS]

    assert seconds == sorted(set(seconds))


def test_F48_a_peer_that_is_gone_is_noticed_before_the_function_ends() -> None:
    assert KEEPALIVE_IDLE_SECONDS + KEEPALIVE_INTERVAL_SECONDS * KEEPALIVE_PROBES < FUNCTION_SECONDS


def test_F29_a_waiter_gives_up_within_its_function_and_terminates_no_session_whose_function_may_live() -> None:
    assert MOST_WAITS * LOCK_TIMEOUT_SECONDS < FUNCTION_SECONDS < STALE_AFTER_SECONDS
