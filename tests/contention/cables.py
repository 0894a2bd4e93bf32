"""Run one loader whose connection to the warehouse breaks again and again, most often around the commit."""

from collections import Counter
from dataclasses import replace
from random import Random

import redshift_connector
from redshift_connector.error import Error

from contention.ground import Ground
from contention.proxy import Cut, Proxy
from contention.races import Deliveries, Outcome, compare
from contention.workload import draw_workload
from load.connection import Connection
from load.loader import Loader
from load.plan import one_version_at_a_time
from load.stage import FileOutcome, create_stage_tables
from load.warehouse import RedshiftSession, Session, WarehouseUnavailable
from shared.errors import TransientError

KINDS = ("reset", "close", "half-open")
# Half of all cuts are around the commit.
PLACES = ("bytes", "bytes", "bytes", "before commit", "with commit", "after commit")
# A load sends some thousands of bytes, and the start of a session some hundreds.
MOST_BYTES = 12_000
# Short, so that a half-open connection does not delay the schedule. Load's real timeout is in load.warehouse.
SOCKET_TIMEOUT_SECONDS = 1
PATIENCE_SECONDS = 3.0


def draw_cuts(chance: Random) -> list[Cut]:
    """Draw the cuts of the next connections; some connections are slow as well."""
    cuts = []
    for _ in range(chance.randint(1, 4)):
        cut = Cut(chance.choice(KINDS), chance.choice(PLACES), chance.randrange(MOST_BYTES))
        cuts.append(replace(cut, delay_seconds=chance.choice((0, 0, 0.002))))
    return cuts


def run_cuts(ground: Ground, seed: int) -> tuple[Outcome, Counter[str]]:
    """Load a workload through connections that are cut; return the outcome and the number of cuts of each kind."""
    chance = Random(seed)
    workload = draw_workload(chance, ground.put)
    outcome = Outcome(seed)
    deliveries = Deliveries(workload, chance)
    reported: list[FileOutcome] = []
    with Proxy(ground.warehouse.host, ground.warehouse.port) as proxy:
        while (batch := deliveries.take()) is not None:
            proxy.plan(draw_cuts(chance))
            connection = Connection(lambda: _open(ground, proxy.port), create_stage_tables)
            loader = Loader(connection, ground.options, fraction=chance.random)
            try:
                for some in one_version_at_a_time(batch, lambda part: part):
                    reported += loader.load_with_retries(some, f"{seed}-{deliveries.taken}", PATIENCE_SECONDS)
            except TransientError as error:
                outcome.errors[type(error).__name__] += 1
                deliveries.give_back(batch)
            finally:
                if connection._session is not None:
                    connection._session.close()
        made = Counter(proxy.made)
    outcome.deliveries = deliveries.taken
    compare(ground, workload, outcome)
    if len(reported) != len({file.file_id for file in reported}):
        outcome.faults["files_told_of_twice"] = len(reported)
    ground.clear()
    return outcome, made


def _open(ground: Ground, port: int) -> Session:
    warehouse = ground.warehouse
    try:
        driver = redshift_connector.connect(
            host=warehouse.host, port=port, database=warehouse.database, user=warehouse.user,
            password=warehouse.password, ssl=False, timeout=SOCKET_TIMEOUT_SECONDS,
        )  # fmt: skip
    except (Error, OSError) as error:
        raise WarehouseUnavailable("connecting", type(error).__name__) from error
    return RedshiftSession(driver)
