"""Deploy the previous release, fill its queues, deploy this one over it, and compare the warehouse with what was sent.

The local stack is this checkout's in both cases: its emulator, its Redshift endpoint, its command line. What is
deployed into it is made from the release's own sources: its template, its functions and its migrations.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from cafe.deployed.environment import LOCAL, STAGES, open_environment
from cafe.deployed.load_function import invoke_load
from cafe.errors import CafeError
from cafe.local import stack
from cafe.local.deployment import SOURCES
from cafe.local.layout import Layout
from cafe.warehouse.ledger import FileVersion, Ledger, wait_for_outcomes
from copied_checkout import ROOT, copy_checkout, copy_files
from e2e.alarms import MINUTES_TO_JUDGE, AlarmWatch
from e2e.pipeline import TIMEOUT_SECONDS, Pipeline, deployed, pence, wait_until
from shared.contracts import READABLE_VERSIONS
from upgrade.files import Order, WaitingFile, files_before, orders_of
from upgrade.releases import Release, check_out

# The last queue is filled first: a file goes through all stages before it.
FILLED = tuple(reversed(STAGES))
# Both releases have these.
PARAMETERS = {
    "VisibilityTimeoutSeconds": "50",
    "LoadVisibilityTimeoutSeconds": "50",
    "MaxReceiveCount": "3",
    "LoadMaxReceiveCount": "3",
}
# A file without orders and a rejected row; a correction that waits for a person.
EXPECTED_ALARMS = {"reject", "held-files"}
ORDERS = """
select branches.branch_name, cast(orders.ordered_at as varchar(19)) as ordered_at, orders.total_amount
from core.orders as orders
inner join core.branches as branches on branches.branch_id = orders.branch_id
"""

type Say = Callable[[str], None]


@dataclass
class Upgrade:
    """What was done and found. An order that is there twice is one too many."""

    release: str
    contract_version: int
    waiting: dict[str, int] = field(default_factory=dict)
    files: int = 0
    files_wrong: dict[str, str] = field(default_factory=dict)
    orders: int = 0
    orders_too_many: int = 0
    orders_too_few: int = 0
    pence_expected: int = 0
    pence_found: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    unexpected_alarms: list[str] = field(default_factory=list)
    seconds: int = 0

    @property
    def is_right(self) -> bool:
        """Whether every file has its outcome and every order is there once, to the penny, and nothing is left."""
        orders = self.orders_too_many or self.orders_too_few or self.pence_expected != self.pence_found
        return not (orders or self.files_wrong or self.faults or self.left or self.unexpected_alarms)


def upgrade_from(release: Release, say: Say) -> Upgrade:
    """Run the proof in a temporary folder. Raises CafeError if this release does not read the other's messages."""
    if release.contract_version not in READABLE_VERSIONS:
        raise CafeError(
            f"Release {release.commit[:12]} writes messages of version {release.contract_version}, and this one reads "
            f"the versions {', '.join(map(str, READABLE_VERSIONS))}.",
            "Deploy a release between the two first.",
        )
    result, started = Upgrade(release.commit, release.contract_version), time.monotonic()
    # A day that is over: a café may not send sales of the future, and not of long ago.
    day = datetime.now(UTC).date() - timedelta(days=1)
    files = {stage: files_before(stage, day) for stage in FILLED}
    with TemporaryDirectory() as folder:
        # PostgreSQL does not run as root, and must get through to its folder.
        Path(folder).chmod(0o755)
        layout = _checkout_of(release, Path(folder).resolve())
        say(f"deploy release {release.commit[:12]}, whose messages have version {release.contract_version}")
        with deployed(layout, PARAMETERS, waits_let_minutes_pass=False) as previous:
            with ExitStack() as pauses:
                say("fill its queues")
                versions = _fill_queues(previous, files, pauses)
                messages = {stage: previous.peek(f"{stage}/queue") for stage in FILLED}
                result.waiting = _count(messages, release)
                say("deploy this release over it, and migrate the warehouse")
                pipeline = _deploy_this_release(previous)
                watch = _watch_alarms(pipeline)
                waiting = {stage: pipeline.messages(f"{stage}/queue") for stage in FILLED}
                # S3 may have added the test event that it sends when its notifications are set.
                assert all(waiting[stage] >= count for stage, count in result.waiting.items()), f"left: {waiting}"
                say("let the queues run")
            _check(pipeline, versions, messages, result, say)
            result.unexpected_alarms = sorted(_fired(watch) - EXPECTED_ALARMS)
            pipeline.close()
    result.seconds = round(time.monotonic() - started)
    return result


def _checkout_of(release: Release, folder: Path) -> Layout:
    """Make a copy of the checkout that deploys the release: all that is local is this checkout's."""
    root = folder / "checkout"
    copy_checkout(root)
    _remove_sources(root)
    check_out(ROOT, release, root)
    return Layout(root, folder / "state")


def _deploy_this_release(previous: Pipeline) -> Pipeline:
    """Put this checkout's sources into the copy, and deploy them as `cafe up` does. Return the stack as it is then."""
    layout = previous.layout
    _remove_sources(layout.root)
    copy_files(layout.root, *SOURCES)
    running = stack.up(lambda _step: nullcontext(), previous.parameters, layout)
    pipeline = Pipeline(layout, running, open_environment(LOCAL), previous.parameters, waits_let_minutes_pass=False)
    pipeline.connect()
    return pipeline


def _remove_sources(root: Path) -> None:
    for name in SOURCES:
        path = root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _fill_queues(
    pipeline: Pipeline, files: Mapping[str, list[WaitingFile]], pauses: ExitStack
) -> dict[FileVersion, WaitingFile]:
    """Load the earlier versions of all files, and let the files themselves wait before their stages."""
    earlier = [pipeline.put_exactly(f.key, f.earlier) for before in files.values() for f in before if f.earlier]
    wait_until(lambda: _are_loaded(pipeline, earlier), "the previous release loads its files")
    pipeline.wait_until_idle()
    versions: dict[FileVersion, WaitingFile] = {}
    for stage, before in files.items():
        pauses.enter_context(pipeline.paused(stage))
        versions |= {pipeline.put_exactly(file.key, file.body): file for file in before}
        pipeline.wait_for_messages(stage, len(before))
    return versions


def _are_loaded(pipeline: Pipeline, versions: list[FileVersion]) -> bool:
    """Look into the ledger without the command line: the ledger of a previous release may have other columns."""
    rows = pipeline.rows("select source_key, version_id from ops.files where outcome = 'loaded'")
    return {(version.key, version.version_id) for version in versions} <= {tuple(row.values()) for row in rows}


def _count(messages: Mapping[str, list[str]], release: Release) -> dict[str, int]:
    """Count the messages that wait before each stage. Those of the hops must be of the release's contract version."""
    for stage, bodies in messages.items():
        if stage != STAGES[0]:
            written = {json.loads(body)["version"] for body in bodies}
            assert written == {release.contract_version}, f"messages of version {written} wait before {stage}"
    return {stage: len(bodies) for stage, bodies in messages.items()}


def _watch_alarms(pipeline: Pipeline) -> AlarmWatch:
    """Watch the alarms from now on. Those of which the previous release had none begin raised, until they have data."""
    watch = AlarmWatch(pipeline, queue_url="")
    pipeline.let_minutes_pass(MINUTES_TO_JUDGE)
    watch.known.update({alarm: len(watch.states(alarm)) for alarm in watch.alarms()})
    return watch


def _fired(watch: AlarmWatch) -> set[str]:
    """Return the alarms that fired since they are watched, or are raised now."""
    watch.pipeline.let_minutes_pass(MINUTES_TO_JUDGE)
    fired = {alarm for alarm in watch.alarms() if "ALARM" in watch.states(alarm)}
    return fired | {name.removeprefix(watch.prefix) for name in watch.raised()}


def _check(
    pipeline: Pipeline,
    versions: Mapping[FileVersion, WaitingFile],
    messages: Mapping[str, list[str]],
    result: Upgrade,
    say: Say,
) -> None:
    """Wait for all outcomes. Then compare what the warehouse has with what it must have, after each of three steps."""
    files = list(versions.values())
    result.files = len(files)
    entries = wait_for_outcomes(
        Ledger(pipeline.warehouse), versions, timeout_seconds=TIMEOUT_SECONDS, on_progress=lambda _: None
    )
    for version, file in versions.items():
        entry = entries.get(version)
        found = entry and (entry.outcome, entry.rows_loaded, entry.rows_rejected)
        if found != file.outcome:
            result.files_wrong[version.key] = f"{found}, expected {file.outcome}"
    _compare(pipeline, orders_of(files), result)
    if result.is_right:
        say("deliver the same messages again")
        for stage, bodies in messages.items():
            for body in bodies:
                pipeline.send(stage, body)
        # What is left then is in the result.
        with suppress(AssertionError):
            pipeline.wait_until_idle()
        _compare(pipeline, orders_of(files), result)

        say("approve the files that are held")
        for version, file in versions.items():
            if file.is_held:
                answer = invoke_load(pipeline.environment, "approve", {"file_id": entries[version].file_id})
                if [approved["outcome"] for approved in answer["approved"]] != ["loaded"]:
                    result.files_wrong[version.key] = f"{answer['approved']} after approval"
        _compare(pipeline, orders_of(files, are_approved=True), result)
    result.faults = pipeline.faults()
    result.left = pipeline.backlog()


def _compare(pipeline: Pipeline, expected: Counter[Order], result: Upgrade) -> None:
    """Compare the warehouse's orders with those expected. The numbers of wrong orders add up over all comparisons."""
    found = Counter(
        (str(row["branch_name"]), str(row["ordered_at"]), Decimal(row["total_amount"])) for row in pipeline.rows(ORDERS)
    )
    result.orders = found.total()
    result.orders_too_many += (found - expected).total()
    result.orders_too_few += (expected - found).total()
    result.pence_expected, result.pence_found = _pence(expected), _pence(found)


def _pence(orders: Counter[Order]) -> int:
    return sum(pence(amount) * count for (_, _, amount), count in orders.items())
