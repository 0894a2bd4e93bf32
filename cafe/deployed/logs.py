"""Read the logs of the three functions: structured lines, in the order in which they were written."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cafe.deployed.environment import STAGES, Environment
from shared.personal_text import mask_key

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

FILE_ID = re.compile(r"[0-9a-f]{32}")
# A line reaches CloudWatch some time after it was written, so each new look at the logs goes back this far.
ARRIVES_WITHIN = timedelta(seconds=30)
# Lambda's own lines about an invocation; the metrics have the same information.
PLATFORM_LINE = re.compile(r"(INIT_START|START|END|REPORT)\b")
# On AWS these lines are JSON, as the template sets it: their type begins like this, their record may have a status.
PLATFORM_TYPE = "platform."
# Fields that are shown in another way, or are of no use to a reader who follows a file.
BOILERPLATE = frozenset(
    {
        "cold_start",
        "function_arn",
        "function_memory_size",
        "function_name",
        "function_request_id",
        "level",
        "location",
        "message",
        "service",
        "timestamp",
        "xray_trace_id",
    }
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log line: ``text`` as it was written, ``fields`` without those that every line has, ``time`` in UTC."""

    time: datetime
    stage: str
    level: str
    message: str
    fields: Mapping[str, Any]
    text: str

    def is_about(self, file: str) -> bool:
        """Whether it names a file, given by its whole id or the end of its key."""
        if FILE_ID.fullmatch(file):
            # A line of load may be about a whole batch.
            return file in (self.fields.get("file_id"), *self.fields.get("file_ids", ()))
        return str(self.fields.get("key", "")).endswith(mask_key(file))


def describe_error(line: LogLine) -> str:
    """Describe the error that a line reports; "" if it reports none."""
    return ", ".join(str(line.fields[name]) for name in ("error", "problem", "raised_at") if name in line.fields)


def read_line(event: Mapping[str, Any], stage: str) -> LogLine | None:
    """Read a CloudWatch Logs event; None for Lambda's own lines and for metrics."""
    return parse_line(event["message"], stage, datetime.fromtimestamp(event["timestamp"] / 1000, UTC))


def parse_line(text: str, stage: str, moment: datetime) -> LogLine | None:
    """Read a line that a function wrote; None for Lambda's own lines and for metrics."""
    text = text.rstrip()
    try:
        entry = json.loads(text)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        # Not written by the pipeline: an error of the runtime, or a line that Lambda writes around each invocation.
        return None if PLATFORM_LINE.match(text) else LogLine(moment, stage, "", text, {}, text)
    if "_aws" in entry:
        return None
    if str(entry.get("type", "")).startswith(PLATFORM_TYPE):
        return _platform_failure(entry, stage, moment, text)
    fields = {name: value for name, value in entry.items() if name not in BOILERPLATE}
    return LogLine(moment, stage, entry.get("level", ""), str(entry.get("message", "")), fields, text)


def _platform_failure(entry: Mapping[str, Any], stage: str, moment: datetime, text: str) -> LogLine | None:
    """Read Lambda's own line about an invocation; None unless the invocation failed or timed out."""
    record = entry.get("record", {})
    status = record.get("status", "success")
    if status == "success":
        return None
    fields = {"status": status} | ({"error": record["errorType"]} if "errorType" in record else {})
    return LogLine(moment, stage, "ERROR", entry["type"], fields, text)


def log_groups(environment: Environment, stage: str | None = None) -> dict[str, str]:
    """Return the log groups by stage: of all stages, or of one."""
    return {name: environment.fact(f"{name}/logs/group") for name in STAGES if stage in (None, name)}


def fetch_lines(
    logs: "CloudWatchLogsClient", groups: Mapping[str, str], since: datetime, file: str | None
) -> list[LogLine]:
    """Fetch the log lines since a moment, oldest first; with ``file``, only those that name it.

    ``groups`` are the log groups by stage. Only a file id narrows the search on the server: CloudWatch does not
    document well enough how it splits a key into terms.
    """
    pattern: dict[str, Any] = {"filterPattern": f'"{file}"'} if file and FILE_ID.fullmatch(file) else {}
    lines = [
        line
        for stage, group in groups.items()
        for event in _events(logs, group, since, pattern)
        if (line := read_line(event, stage)) and (file is None or line.is_about(file))
    ]
    return sorted(lines, key=lambda line: line.time)


def unseen(lines: Iterable[LogLine], seen: set[tuple[datetime, str, str]]) -> list[LogLine]:
    """Return the lines that were not seen before, and add them to ``seen``.

    Lines are compared by content: the emulator's events have no ids, and two lines that are equal to the millisecond
    add nothing.
    """
    fresh = [line for line in lines if (line.time, line.stage, line.text) not in seen]
    seen.update((line.time, line.stage, line.text) for line in fresh)
    return fresh


def _events(
    logs: "CloudWatchLogsClient", group: str, since: datetime, pattern: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since.timestamp() * 1000), **pattern
    )
    for page in pages:
        yield from page["events"]
