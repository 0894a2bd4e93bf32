"""Gather a file's lives from wherever a stack keeps traces of it: bucket, ledger, logs, queues, dead letters."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cafe.answers.file_story import FileLife, LedgerEntry, QueueRules, is_same_file
from cafe.deployed.dead_letters import count_dead_letters, look_at_dead_letters
from cafe.deployed.drop_bucket import StoredVersion, list_versions
from cafe.deployed.environment import STAGES, Environment
from cafe.deployed.logs import LogLine, fetch_lines
from cafe.deployed.queue_depths import queue_depths
from cafe.warehouse.ledger import FAILED
from cafe.warehouse.port import MissingRelation, Warehouse, WarehouseError
from cafe.warehouse.sql import statement
from shared.contracts import file_id_of, recorded_key

# A log line and S3's LastModified come from different clocks, and LastModified is cut to whole seconds.
CLOCKS_APART = timedelta(minutes=5)
# A file that neither the bucket nor the ledger knows is looked for in so much of the logs.
LOGS_LOOK_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Traces:
    """The lives that a name fits, the newest first; ``warehouse_problem`` is "" when the ledger could be read."""

    lives: tuple[FileLife, ...]
    warehouse_problem: str = ""

    @property
    def keys(self) -> list[str]:
        """The keys that the name fits."""
        return sorted({life.key for life in self.lives})


def find_lives(environment: Environment, file: str, now: datetime, *, ask_warehouse: bool) -> Traces:
    """Find all versions and readings of the file that a file id, a key or the end of a key names."""
    entries, problem = _entries(environment, file) if ask_warehouse else ([], "")
    lives = {
        entry.file_id: FileLife(entry.file_id, entry.source_key, entry.version_id, entry=entry) for entry in entries
    }
    keys = {entry.source_key for entry in entries}
    for stored in _stored(environment, file, keys):
        life = _unread(stored)
        lives[life.file_id] = replace(lives.get(life.file_id, life), stored=stored)
        # A later reading of the same version lies in the bucket as well.
        for other in [one for one in lives.values() if one.version_id == stored.version_id]:
            lives[other.file_id] = replace(other, stored=stored)
    if not any(is_same_file(life, file) for life in lives.values()):
        lives |= {life.file_id: life for life in _lives_in_logs(environment, file, now)}
    return Traces(tuple(sorted(lives.values(), key=_age, reverse=True)), problem)


def follow(environment: Environment, life: FileLife, now: datetime, *, ask_warehouse: bool) -> FileLife:
    """Add to a life its log lines and, if it has not ended or failed, where its messages are."""
    life = replace(life, lines=tuple(life.lines or _lines(environment, life, now)))
    if life.outcome not in {"", FAILED}:
        return life
    depths = queue_depths(environment)
    letters = [
        letter
        for stage in STAGES
        if count_dead_letters(environment, stage)
        for letter in look_at_dead_letters(environment, stage)
        if life.file_id in letter.file_ids
    ]
    return replace(
        life,
        dead_letters=tuple(letters),
        backlog={depth.stage: depth.backlog for depth in depths},
        rules={stage: _rules(environment, stage) for stage in STAGES},
        parts_at_load=_parts_at_load(environment, life) if ask_warehouse else 0,
    )


def _entries(environment: Environment, file: str) -> tuple[list[LedgerEntry], str]:
    try:
        rows = environment.warehouse().query(statement("ledger_of_file"), {"file": file}).as_dicts()
    except MissingRelation:
        return [], ""
    except WarehouseError as error:
        return [], error.message
    return [LedgerEntry.from_row(row) for row in rows], ""


def _parts_at_load(environment: Environment, life: FileLife) -> int:
    try:
        warehouse: Warehouse = environment.warehouse()
        rows = warehouse.query(statement("parts_at_load"), {"file": life.file_id}).as_dicts()
    except WarehouseError:
        return 0
    return max((int(str(row["here"])) for row in rows), default=0)


def _stored(environment: Environment, file: str, keys: set[str]) -> list[StoredVersion]:
    """List the versions of a key; a name that is no whole key is looked for in all of the bucket."""
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    for key in [*keys, file]:
        if found := [one for one in list_versions(s3, bucket, key) if recorded_key(one.key) == key]:
            return found
    versions = list(list_versions(s3, bucket))
    named = {one.key for one in versions if is_same_file(_unread(one), file)}
    return [one for one in versions if one.key in named]


def _unread(stored: StoredVersion) -> FileLife:
    file_id = file_id_of(stored.bucket, stored.key, stored.version_id)
    return FileLife(file_id, recorded_key(stored.key), stored.version_id, stored=stored)


def _lives_in_logs(environment: Environment, file: str, now: datetime) -> list[FileLife]:
    lines = fetch_lines(environment.client("logs"), _groups(environment), now - LOGS_LOOK_BACK, file)
    by_file: dict[str, list[LogLine]] = {}
    for line in lines:
        if line.fields.get("key") and line.fields.get("file_id"):
            by_file.setdefault(str(line.fields["file_id"]), []).append(line)
    return [FileLife(file_id, str(some[0].fields["key"]), "", lines=tuple(some)) for file_id, some in by_file.items()]


def _lines(environment: Environment, life: FileLife, now: datetime) -> Sequence[LogLine]:
    since = (life.arrived_at or now - LOGS_LOOK_BACK) - CLOCKS_APART
    return fetch_lines(environment.client("logs"), _groups(environment), since, life.file_id)


def _groups(environment: Environment) -> dict[str, str]:
    return {stage: environment.fact(f"{stage}/logs/group") for stage in STAGES}


def _rules(environment: Environment, stage: str) -> QueueRules:
    names = ["VisibilityTimeout", "RedrivePolicy"]
    attributes = environment.client("sqs").get_queue_attributes(
        QueueUrl=environment.fact(f"{stage}/queue/url"), AttributeNames=names
    )["Attributes"]
    policy = json.loads(attributes.get("RedrivePolicy", "{}"))
    return QueueRules(int(attributes["VisibilityTimeout"]), int(policy.get("maxReceiveCount", 0)))


def _age(life: FileLife) -> tuple[datetime, datetime, bool]:
    """Order lives: by when S3 received the version, then by when its reading came to an end."""
    oldest = datetime.min.replace(tzinfo=UTC)
    begun = life.lines[0].time if life.lines else oldest
    return (life.arrived_at or begun, life.entry.recorded_at if life.entry else oldest, life.entry is None)
