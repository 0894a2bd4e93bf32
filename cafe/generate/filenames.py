"""Names of branch files, as tills write them and people change them, and their keys in the drop bucket."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from cafe.generate.dialects import Dialect, Feed
from cafe.generate.history import BranchDay

# leeds_09-05-2023_09-00-00.csv of feed B; 2021-02-23-isle-of-wight.csv of feed A. Text after the date is ignored.
_DAY_FIRST = re.compile(r"(?<!\d)(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")


class Renaming(StrEnum):
    """How people and programs change a file's name, as a pattern on its stem. The last two lose the date."""

    NONE = "{stem}"
    DONE = "{stem}_done"
    EXCEL = "{stem}(in)"
    COPY = "{stem} copy"
    BACKUP = "{branch}.backup"
    UNDATED = "{branch}"


def file_name(branch_day: BranchDay, dialect: Dialect, renaming: Renaming = Renaming.NONE) -> str:
    """Return the name of a branch's file, as its till writes it or as somebody renamed it."""
    slug = _slug(branch_day.cafe.name)
    if dialect.feed is Feed.A:
        stem = f"{branch_day.day}-{slug.replace('_', '-')}"
    else:
        stem = f"{slug}_{branch_day.opens_at:%d-%m-%Y_%H-%M-%S}"
    return renaming.format(stem=stem, branch=slug) + dialect.suffix


def drop_key(path: Path, today: date | None = None) -> str:
    """Return the key of that file in the drop bucket: its date without leading zeros, then its unchanged name.

    The date is the last valid one in the name. A file without a date gets today's.
    """
    day = max(_dates_in(path.name), default=None)
    filed = day[1] if day else today or datetime.now().astimezone().date()
    return f"{filed.year}/{filed.month}/{filed.day}/{path.name}"


def _slug(branch: str) -> str:
    return branch.lower().replace(" ", "_").replace("/", "-")


def _dates_in(name: str) -> Iterator[tuple[int, date]]:
    for form in (_DAY_FIRST, _YEAR_FIRST):
        for found in form.finditer(name):
            try:
                yield found.start(), date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                continue  # digits that look like a date but are not, as in branch_45-13-2021.csv
