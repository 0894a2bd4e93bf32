"""Names of branch files, as tills write them and people change them."""

from enum import StrEnum

from cafe.generate.dialects import Dialect, Feed
from cafe.generate.history import BranchDay


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


def _slug(branch: str) -> str:
    return branch.lower().replace(" ", "_").replace("/", "-")
