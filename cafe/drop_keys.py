"""The key that a branch file gets in the drop bucket, from its path and name."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

# The layout that branches use: 2021/2/23/chesterfield.csv
DATED_LAYOUT = re.compile(r"\d{4}/\d{1,2}/\d{1,2}/[^/]+")
# leeds_09-05-2023_09-00-00.csv of feed B; 2021-02-23-isle-of-wight.csv of feed A. Anything after the date is ignored.
_DAY_FIRST = re.compile(r"(?<!\d)(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")


def key_of(file: Path) -> str:
    """Return the last four parts of a path that is already in year/month/day folders, otherwise its `drop_key`."""
    laid_out = "/".join(file.parts[-4:])
    return laid_out if DATED_LAYOUT.fullmatch(laid_out) else drop_key(file)


def drop_key(path: Path, today: date | None = None) -> str:
    """Return the key under which a branch drops a file: the date, not zero-padded, then the file's name unchanged.

    The date is the last valid one in the name; a name without a date is filed under today.
    """
    day = max(_dates_in(path.name), default=None)
    filed = day[1] if day else today or datetime.now().astimezone().date()
    return f"{filed.year}/{filed.month}/{filed.day}/{path.name}"


def _dates_in(name: str) -> Iterator[tuple[int, date]]:
    for form in (_DAY_FIRST, _YEAR_FIRST):
        for found in form.finditer(name):
            try:
                yield found.start(), date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                continue  # digits that look like a date but are not one, as in branch_45-13-2021.csv
