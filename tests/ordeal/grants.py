"""Remove each grant that the local stack can use, one at a time, and see that a call is then refused."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import choice
from string import ascii_lowercase

from botocore.exceptions import ClientError

from cafe.deployed.environment import STAGES
from cafe.local.layout import Layout, checkout
from e2e.calls import HOST
from e2e.conftest import PARAMETERS
from e2e.grants import (
    SCHEDULED,
    DeployedGrants,
    Grant,
    check_in_the_morning,
    look_at_boards,
    new_morning,
    record,
    run_schedule,
    send_files,
    use_grants,
    work_at_head_office,
)
from e2e.pipeline import Pipeline, deployed, wait_until
from e2e.principals import SCHEDULE_ROLES, Principals


@dataclass(frozen=True)
class Removals:
    """What was removed. ``unnoticed`` are the grants without which nothing was refused."""

    grants: int
    refused: int
    unnoticed: list[str]

    @property
    def is_right(self) -> bool:
        """Whether every removal was noticed, of one grant at least."""
        return self.refused > 0 and not self.unnoticed


def remove_each(say: Callable[[str], None], only: str = "") -> Removals:
    """Deploy a stack of its own, use every grant, and remove one after the other: those whose name has ``only``."""
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(checkout().root, Path(folder))
        with deployed(layout, PARAMETERS) as pipeline:
            principals = Principals(pipeline)
            record(pipeline, "DELETE")
            use_grants(principals)
            refused = record(pipeline).refused
            assert not refused, f"refused although nothing was removed: {sorted(refused)}"
            grants = [grant for grant in sorted(DeployedGrants(principals).used()) if only in str(grant)]
            unnoticed = [grant for grant in grants if not _is_missed(principals, grant, say)]
            principals.close()
    return Removals(len(grants), len(grants) - len(unnoticed), [str(grant) for grant in unnoticed])


def _is_missed(principals: Principals, grant: Grant, say: Callable[[str], None]) -> bool:
    """Remove a grant, do what needs it, and see whether its action is refused. Put it back and let the rest finish."""
    pipeline, deployed_grants = principals.pipeline, DeployedGrants(principals)
    principal = deployed_grants.principal(grant)

    def is_refused() -> bool:
        return (principal, grant.action) in record(pipeline).refused

    with deployed_grants.without(grant):
        record(pipeline, "DELETE")
        with suppress(ClientError):
            _use(principals, grant)
        try:
            wait_until(is_refused, f"a call is refused without {grant}")
        except AssertionError:
            say(f"NOT NOTICED: {grant}")
            return False
        finally:
            say(f"{grant}")
    wait_until(lambda: not _waiting(pipeline), "the queues are empty")
    for stage in STAGES:
        pipeline.take_dead_letters(stage)
    return True


def _use(principals: Principals, grant: Grant) -> None:
    for role, schedule, action in SCHEDULED:
        if (role, action) == (grant.owner, grant.action):
            run_schedule(principals.pipeline, role, schedule, action)
    if grant.owner == HOST:
        look_at_boards(principals)
    elif grant.sid in ("ClaimMornings", "SendMorningMail"):
        check_in_the_morning(principals.pipeline, new_morning())
    elif grant.owner == "HeadOfficePolicy" and grant.action != "s3:PutObject":
        work_at_head_office(principals)
    elif grant.owner not in SCHEDULE_ROLES:
        # A new café, because extract writes the register only for one that it does not know.
        send_files(principals, f"Matrix {''.join(choice(ascii_lowercase) for _ in range(8))}")


def _waiting(pipeline: Pipeline) -> dict[str, int]:
    """Return the queues that are not empty, apart from the dead letters."""
    return {queue: count for queue, count in pipeline.backlog().items() if queue.endswith("/queue")}
