"""The key that a branch file gets in the drop bucket, from its path and name, and who may put it there."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from shared.senders import HEAD_OFFICE, HEAD_OFFICE_PREFIX, sender_of, spelling

# The layout that branches use: 2021/2/23/chesterfield.csv
DATED_LAYOUT = re.compile(r"\d{4}/\d{1,2}/\d{1,2}/[^/]+")
# leeds_09-05-2023_09-00-00.csv of feed B; 2021-02-23-isle-of-wight.csv of feed A. Anything after the date is ignored.
_DAY_FIRST = re.compile(r"(?<!\d)(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)")
# What a tag of IAM may hold, except for slashes.
_IN_A_TAG = re.compile(r"[\w .:=+@-]{1,256}")


def head_office_key(file: Path) -> str:
    """Return the key under which head office sends a file, whatever the file is called.

    It is the café's key below ``head-office/``. A path below a folder ``head-office`` keeps its layout from there on,
    so that a downloaded file gets its own key again.
    """
    *folders, name = file.parts
    if HEAD_OFFICE in folders and not _laid_out(file):
        below = len(folders) - folders[::-1].index(HEAD_OFFICE)
        return HEAD_OFFICE_PREFIX + "/".join((*folders[below:], name))
    return HEAD_OFFICE_PREFIX + branch_key(file)


def branch_key(file: Path) -> str:
    """Return the last four parts of a path that is already in year/month/day folders, otherwise its `drop_key`."""
    return _laid_out(file) or drop_key(file)


def drop_key(path: Path, today: date | None = None) -> str:
    """Return the key under which a branch drops a file: the date, not zero-padded, then the file's name unchanged.

    The date is the last valid one in the name; a name without a date is filed under today.
    """
    day = max(_dates_in(path.name), default=None)
    filed = day[1] if day else today or datetime.now().astimezone().date()
    return f"{filed.year}/{filed.month}/{filed.day}/{path.name}"


def keys_meant(key: str) -> tuple[str, str]:
    """Return the keys that somebody may mean who types this one: itself, then head office's of the same document."""
    return key, HEAD_OFFICE_PREFIX + key


def branch_tag(cafe: str, key: str) -> str:
    """Return how the keys of a café spell it: the tag ``branch`` of its identity, ``newcastle_upon_tyne``.

    ``cafe`` is its name or that spelling. Files of feed A have spellings of their own (``isle-of-wight``): a key of
    that feed which names this café keeps its spelling. Returns "" for a name that no tag can hold.
    """
    sender = sender_of(key)
    of_feed_a = _YEAR_FIRST.match(key.rpartition("/")[2]) is not None
    tag = sender if of_feed_a and spelling(sender) == spelling(cafe) else "_".join(cafe.lower().split())
    return tag if _IN_A_TAG.fullmatch(tag) else ""


def _laid_out(file: Path) -> str:
    """Return the last four parts of a path if they are year/month/day folders and a name; "" if they are not."""
    laid_out = "/".join(file.parts[-4:])
    return laid_out if DATED_LAYOUT.fullmatch(laid_out) else ""


def _dates_in(name: str) -> Iterator[tuple[int, date]]:
    for form in (_DAY_FIRST, _YEAR_FIRST):
        for found in form.finditer(name):
            try:
                yield found.start(), date(int(found["year"]), int(found["month"]), int(found["day"]))
            except ValueError:
                continue  # digits that look like a date but are not one, as in branch_45-13-2021.csv
