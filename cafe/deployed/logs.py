"""Read the functions' logs: structured lines of all three stages, in the order in which they were written."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FILE_ID = re.compile(r"[0-9a-f]{32}")
# Lambda's own lines about an invocation; what they tell stands in the metrics.
PLATFORM_LINE = re.compile(r"(INIT_START|START|END|REPORT)\b")
# On AWS the same in JSON, as the template asks for: its type begins so, and its record may tell how it ended.
PLATFORM_TYPE = "platform."
# What stands beside the line already, or says nothing to a reader who follows a file.
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
    """One event of a stage, ``text`` as it was written; ``fields`` without what every line has; ``time`` is UTC."""

    time: datetime
    stage: str
    level: str
    message: str
    fields: Mapping[str, Any]
    text: str

    def is_about(self, file: str) -> bool:
        """Whether it names a file: by its whole id, or by the end of its key."""
        if FILE_ID.fullmatch(file):
            # A line of load may tell of a whole batch.
            return file in (self.fields.get("file_id"), *self.fields.get("file_ids", ()))
        return str(self.fields.get("key", "")).endswith(file)


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
        # Not ours: an error of the runtime itself, or a line that Lambda writes around each invocation.
        return None if PLATFORM_LINE.match(text) else LogLine(moment, stage, "", text, {}, text)
    if "_aws" in entry:
        return None
    if str(entry.get("type", "")).startswith(PLATFORM_TYPE):
        return _platform_failure(entry, stage, moment, text)
    fields = {name: value for name, value in entry.items() if name not in BOILERPLATE}
    return LogLine(moment, stage, entry.get("level", ""), str(entry.get("message", "")), fields, text)


def _platform_failure(entry: Mapping[str, Any], stage: str, moment: datetime, text: str) -> LogLine | None:
    """Read what Lambda itself tells of an invocation: only that one timed out or broke off is worth a line."""
    record = entry.get("record", {})
    status = record.get("status", "success")
    if status == "success":
        return None
    fields = {"status": status} | ({"error": record["errorType"]} if "errorType" in record else {})
    return LogLine(moment, stage, "ERROR", entry["type"], fields, text)


def fetch_lines(logs: Any, groups: Mapping[str, str], since: datetime, file: str | None) -> list[LogLine]:
    """Fetch what the stages logged since a moment, oldest first; with ``file`` only what names it.

    ``groups`` are the log groups by stage. Only a file id narrows the search on the server: how CloudWatch cuts a
    key into terms is not documented well enough to rely on.
    """
    pattern = {"filterPattern": f'"{file}"'} if file and FILE_ID.fullmatch(file) else {}
    lines = [
        line
        for stage, group in groups.items()
        for event in _events(logs, group, since, pattern)
        if (line := read_line(event, stage)) and (file is None or line.is_about(file))
    ]
    return sorted(lines, key=lambda line: line.time)


def unseen(lines: Iterable[LogLine], seen: set[tuple[datetime, str, str]]) -> list[LogLine]:
    """Pick the lines that were not seen before, and remember them.

    By what they are: the emulator gives its events no ids, and two lines equal to the millisecond tell nothing more.
    """
    fresh = [line for line in lines if (line.time, line.stage, line.text) not in seen]
    seen.update((line.time, line.stage, line.text) for line in fresh)
    return fresh


def _events(logs: Any, group: str, since: datetime, pattern: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since.timestamp() * 1000), **pattern
    )
    for page in pages:
        yield from page["events"]
