"""Collect the stories of a file from everywhere in a stack: bucket, ledger, logs, queues, dead letters."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cafe.answers.file_story import FileStory, RetryRules, is_same_file
from cafe.deployed.dead_letters import count_dead_letters, look_at_dead_letters
from cafe.deployed.drop_bucket import StoredVersion, list_versions, versions_of_key
from cafe.deployed.environment import STAGES, Environment
from cafe.deployed.logs import FILE_ID, LogLine, fetch_lines, log_groups
from cafe.deployed.queue_depths import queue_depths
from cafe.warehouse.ledger import FAILED, Ledger, LedgerEntry
from cafe.warehouse.port import WarehouseError
from shared.contracts import file_id_of, recorded_key

# A log line and S3's LastModified come from different clocks, and LastModified is cut to whole seconds.
CLOCK_DIFFERENCE = timedelta(minutes=5)
# How far back the logs are searched for a file that is in neither the bucket nor the ledger.
LOGS_LOOK_BACK = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Traces:
    """The stories that match a name, newest first; ``warehouse_problem`` is "" if the ledger could be read.

    If nothing matches, ``similar`` are the keys in the drop bucket that contain the name.
    """

    stories: tuple[FileStory, ...]
    warehouse_problem: str = ""
    similar: tuple[str, ...] = ()

    @property
    def keys(self) -> list[str]:
        """The keys that match the name."""
        return sorted({story.key for story in self.stories})


def find_stories(environment: Environment, file: str, now: datetime, *, query_warehouse: bool) -> Traces:
    """Find all versions and re-extracts of a file, named by a file id, a key or the end of a key.

    A whole key is that file only: the key that a café puts is the end of the one that head office puts.
    """
    entries, problem = _entries(environment, file) if query_warehouse else ([], "")
    stories = {
        entry.file_id: FileStory(entry.file_id, entry.source_key, entry.version_id, entry=entry) for entry in entries
    }
    keys = {entry.source_key for entry in entries}
    for stored in _stored(environment, file, keys):
        story = _story_of(stored)
        stories[story.file_id] = replace(stories.get(story.file_id, story), stored=stored)
        # A re-extract has another file id, and is of the same stored version.
        for other in [one for one in stories.values() if one.version_id == stored.version_id]:
            stories[other.file_id] = replace(other, stored=stored)
    if not any(is_same_file(story, file) for story in stories.values()):
        stories |= {story.file_id: story for story in _stories_in_logs(environment, file, now)}
    named = [story for story in stories.values() if story.key == file] or stories.values()
    similar = () if stories else _keys_that_contain(environment, file)
    return Traces(tuple(sorted(named, key=_age, reverse=True)), problem, similar)


def complete(environment: Environment, story: FileStory, now: datetime, *, query_warehouse: bool) -> FileStory:
    """Add a file's log lines to its story and, if it failed or is not complete, where its messages are."""
    story = replace(story, lines=tuple(story.lines or _lines(environment, story, now)))
    if story.outcome not in {"", FAILED}:
        return story
    letters = [
        letter
        for stage in STAGES
        if count_dead_letters(environment, stage)
        for letter in look_at_dead_letters(environment, stage)
        if story.file_id in letter.file_ids
    ]
    return replace(
        story,
        dead_letters=tuple(letters),
        backlog={depth.stage: depth.backlog for depth in queue_depths(environment)},
        retries={stage: _retry_rules(environment, stage) for stage in STAGES},
        parts_at_load=_parts_at_load(environment, story) if query_warehouse else 0,
    )


def _entries(environment: Environment, file: str) -> tuple[list[LedgerEntry], str]:
    try:
        return Ledger(environment.warehouse()).of_file(file), ""
    except WarehouseError as error:
        return [], error.message


def _parts_at_load(environment: Environment, story: FileStory) -> int:
    try:
        return Ledger(environment.warehouse()).parts_at_load(story.file_id)
    except WarehouseError:
        return 0


def _stored(environment: Environment, file: str, keys: set[str]) -> list[StoredVersion]:
    """List the versions of a key. If the name is not a whole key, search the whole bucket for it.

    ``keys`` are those that the ledger has by this name. A name that may be the end of several keys is looked for in
    the bucket too: a file that has not completed is not in the ledger.
    """
    s3, bucket = environment.client("s3"), environment.fact("drop/bucket/name")
    is_exact = file in keys or FILE_ID.fullmatch(file)
    for key in [file, *(keys if is_exact else ())]:
        if found := versions_of_key(s3, bucket, key):
            return found
    versions = list(list_versions(s3, bucket))
    named = {one.key for one in versions if is_same_file(_story_of(one), file) or one.in_ledger.key in keys}
    return [one for one in versions if one.key in named]


def _keys_that_contain(environment: Environment, name: str) -> tuple[str, ...]:
    versions = list_versions(environment.client("s3"), environment.fact("drop/bucket/name"))
    return tuple(sorted({one.shown_key for one in versions if name.casefold() in one.shown_key.casefold()}))


def _story_of(stored: StoredVersion) -> FileStory:
    file_id = file_id_of(stored.bucket, stored.key, stored.version_id)
    return FileStory(file_id, recorded_key(stored.key), stored.version_id, stored=stored)


def _stories_in_logs(environment: Environment, file: str, now: datetime) -> list[FileStory]:
    lines = fetch_lines(environment.client("logs"), log_groups(environment), now - LOGS_LOOK_BACK, file)
    by_file: dict[str, list[LogLine]] = {}
    for line in lines:
        if line.fields.get("key") and line.fields.get("file_id"):
            by_file.setdefault(str(line.fields["file_id"]), []).append(line)
    return [FileStory(file_id, str(some[0].fields["key"]), "", lines=tuple(some)) for file_id, some in by_file.items()]


def _lines(environment: Environment, story: FileStory, now: datetime) -> Sequence[LogLine]:
    since = (story.arrived_at or now - LOGS_LOOK_BACK) - CLOCK_DIFFERENCE
    return fetch_lines(environment.client("logs"), log_groups(environment), since, story.file_id)


def _retry_rules(environment: Environment, stage: str) -> RetryRules:
    attributes = environment.client("sqs").get_queue_attributes(
        QueueUrl=environment.fact(f"{stage}/queue/url"), AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
    )["Attributes"]
    policy = json.loads(attributes.get("RedrivePolicy", "{}"))
    return RetryRules(int(attributes["VisibilityTimeout"]), int(policy.get("maxReceiveCount", 0)))


def _age(story: FileStory) -> tuple[datetime, datetime, bool]:
    """Sort stories by when S3 received the version, then by when the ledger recorded the outcome."""
    oldest = datetime.min.replace(tzinfo=UTC)
    begun = story.lines[0].time if story.lines else oldest
    return (story.arrived_at or begun, story.entry.recorded_at if story.entry else oldest, story.entry is None)
