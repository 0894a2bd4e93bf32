"""Which file a name means: a file id, a key, or the end of one; and why nothing can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cafe.answers.file_story import FileStory, situation_of
from cafe.answers.trace import Traces, find_stories
from cafe.answers.wording import counted, typed
from cafe.deployed.drop_bucket import StoredVersion
from cafe.deployed.environment import Environment
from cafe.errors import CafeError
from cafe.warehouse.port import WarehouseError

KEYS_LISTED = 20
KEPT_FOR = "the drop bucket keeps a file for 7 days, and an erased one no longer"


@dataclass(frozen=True, slots=True)
class NamedFile:
    """The one file that a name means: its key, and the stories of its versions, newest first.

    ``chosen`` is the story of the version that was named by its id, otherwise of the newest.
    """

    key: str
    stories: tuple[FileStory, ...]
    chosen: FileStory
    is_version_named: bool

    @property
    def stored(self) -> list[StoredVersion]:
        """The versions that the drop bucket has, newest first; only the named one if it was named by its id."""
        stories = (self.chosen,) if self.is_version_named else self.stories
        return list({story.stored.version_id: story.stored for story in stories if story.stored}.values())


def the_named(traces: Traces, name: str) -> NamedFile:
    """Return the file that was named. Raises CafeError if it may be several, which are listed, or if there is none."""
    refuse_several(traces.keys)
    if not traces.stories:
        if traces.similar:
            raise CafeError(
                f"No key ends with {name}. These in the drop bucket contain it:",
                "Give a file id, a key, or the end of a key.",
                output=_listed(traces.similar),
            )
        raise CafeError(
            f"There is no trace of {name}: not in the drop bucket, the ledger, or the logs of the last two days."
            + (f" The warehouse does not answer: {traces.warehouse_problem}" if traces.warehouse_problem else ""),
            "Check the name. If it is right, the branch never sent the file.",
        )
    by_id = next((story for story in traces.stories if story.file_id == name), None)
    chosen = by_id or traces.stories[0]
    return NamedFile(chosen.key, traces.stories, chosen, by_id is not None)


def refuse_several(keys: Sequence[str]) -> None:
    """Raise CafeError, which lists them, if there is more than one key that a name may mean."""
    if len(keys) <= 1:
        return
    raise CafeError(f"{counted(len(keys), 'key')} end like this:", "Give more of the key.", output=_listed(keys))


def _listed(keys: Sequence[str]) -> str:
    listed = [f"  {key}" for key in keys[:KEYS_LISTED]]
    if len(keys) > KEYS_LISTED:
        listed.append(f"  … and {len(keys) - KEYS_LISTED:,} more")
    return "\n".join(listed)


def find_file(environment: Environment, name: str, now: datetime) -> NamedFile:
    """Look for a file everywhere, as `cafe trace` does. Raises what `the_named` raises, and WarehouseError."""
    traces = find_stories(environment, name, now, query_warehouse=True)
    if traces.warehouse_problem:
        raise WarehouseError(
            f"The warehouse does not answer: {traces.warehouse_problem}", "Try again when it does: cafe status"
        )
    return the_named(traces, name)


def why_not_sent(named: NamedFile, now: datetime) -> str:
    """Say why a file that left a trace cannot be sent again: its raw file is gone."""
    if named.chosen.entry is None:
        return (
            f"{named.key} is in the logs, but no longer in the drop bucket, and it never completed. "
            "Its sender has to send it again."
        )
    situation = situation_of(named.chosen, now)
    gone = f"{named.key} is in the ledger ({situation.where}), but its raw file is gone: {KEPT_FOR}."
    if named.chosen.outcome == "held":
        return f"{gone} {situation.remedy}"
    return f"{gone} To load it again, its sender has to send it again."


def why_not_retracted(named: NamedFile, now: datetime) -> str:
    """Say why a file that left a trace has nothing to retract."""
    if named.chosen.entry is None:
        return (
            f"{named.key} has not completed, so none of its orders is in the warehouse. "
            f"To see where it is, type: cafe trace {typed(named.key)}"
        )
    situation = situation_of(named.chosen, now)
    remedy = f" {situation.remedy}" if situation.remedy else ""
    which = f"this version of {named.key}" if named.is_version_named else named.key
    return f"None of the orders of {which} counts ({situation.where}): nothing to retract.{remedy}"
