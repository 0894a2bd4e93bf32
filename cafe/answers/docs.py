"""Find a page, a section, a rule code or an alarm in docs/. Pure, except for `read_pages`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

# The page whose first table leads from alarms to runbooks.
RUNBOOKS = "operations"
RULES = "reject-rules"
MOST_SUGGESTIONS = 5
_FENCE = re.compile(r"^\s*```")
_HEADING = re.compile(r"^(#{1,6}) (.+?)\s*$")
# | `arrivals-dead-letter`, `extracted-dead-letter` | [Dead letters](#dead-letters) |
_ALARM_ROW = re.compile(r"^\| (?P<alarms>`[^|]+`) \| \[[^\]]+\]\(#(?P<anchor>[\w-]+)\) \|$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
# What an alarm is called on AWS and in the template: cafe-prod-stale-sales, StaleSalesAlarm
_ALARM_NAME = re.compile(r"(?:cafe-(?:dev|prod)-)?(.+?)(?:Alarm)?")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page, from its heading to the next one of its level or above. A page is its own first section.

    ``line_number`` is that of the heading, from 1. ``anchor`` is the heading as links name it.
    """

    page: str
    heading: str
    anchor: str
    level: int
    line_number: int
    text: str

    @property
    def address(self) -> str:
        """Name the section as links do: docs/operations.md#dead-letters."""
        return f"{self.page}#{self.anchor}" if self.level > 1 else self.page


@dataclass(frozen=True, slots=True)
class Match:
    """A line that has a word, and the section that it is in."""

    section: Section
    line_number: int
    line: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page, its path from the checkout, and all its sections in their order."""

    path: str
    sections: tuple[Section, ...]

    @property
    def name(self) -> str:
        """The page as a topic: operations, decisions/load, readme."""
        return topic_name(self.path)

    @property
    def summary(self) -> str:
        """The first sentence below the title; the title if a heading follows at once."""
        title, *lines = self.sections[0].text.splitlines()
        paragraph = re.match(r"\n*((?:[^#|`\n].*\n?)*)", "\n".join(lines))
        first = " ".join(paragraph[1].split()) if paragraph else ""
        return first.partition(". ")[0].rstrip(".") or title.lstrip("# ")


def read_pages(root: Path) -> list[Page]:
    """Read the README and the other pages beside it, and all of docs/."""
    paths = [
        root / "README.md",
        *sorted({*root.glob("*.md")} - {root / "README.md"}),
        *sorted((root / "docs").rglob("*.md")),
    ]
    return [page_of(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def page_of(path: str, text: str) -> Page:
    """Cut a page at its headings. What looks like a heading in a block of code is none."""
    lines = text.splitlines()
    headings = list(_headings(lines))
    sections = []
    for place, (start, level, heading) in enumerate(headings):
        end = next((line for line, other, _ in headings[place + 1 :] if other <= level and level > 1), len(lines))
        body = "\n".join(lines[start:end]).rstrip() + "\n"
        sections.append(Section(path, heading.replace("`", ""), anchor_of(heading), level, start + 1, body))
    return Page(path, tuple(sections))


def find_sections(topic: str, pages: Sequence[Page]) -> list[Section]:
    """Find what a topic means: a page, an address such as docs/operations.md#dead-letters, an alarm, or a heading.

    Case, blanks and punctuation do not count: "DeadLetters" is "Dead letters". Returns several sections if the name is
    that of several, the runbook of an alarm first, and none if nothing is called so.
    """
    wanted = _folded(topic)
    addressed = [
        section for page in pages for section in page.sections if topic in (section.address, f"#{section.anchor}")
    ]
    if addressed or not wanted:
        return addressed
    alarm = _ALARM_NAME.fullmatch(topic)
    runbook = alarms(pages).get(_folded(alarm[1])) if alarm else None
    named = [page.sections[0] for page in pages if wanted in (_folded(page.name), _folded(page.path))]
    if runbook or named:
        return [runbook, *named] if runbook else named
    return [section for page in pages for section in page.sections if _folded(section.heading) == wanted]


def suggest(topic: str, pages: Sequence[Page]) -> list[str]:
    """Name topics that are called nearly so, or whose names have the word in them."""
    names = topic_names(pages)
    folded = {_folded(name): name for name in reversed(names)}
    wanted = _folded(topic)
    close = [folded[name] for name in get_close_matches(wanted, folded, MOST_SUGGESTIONS)]
    within = [name for key, name in folded.items() if wanted and wanted in key and name not in close]
    return (close + within)[:MOST_SUGGESTIONS]


def search(word: str, pages: Sequence[Page]) -> list[Match]:
    """Find the lines that have a word, in any case, each with the innermost section that it is in."""
    wanted, found = word.casefold(), []
    for page in pages:
        lines = page.sections[0].text.splitlines()
        for number, line in enumerate(lines, start=page.sections[0].line_number):
            if wanted in line.casefold():
                section = [section for section in page.sections if section.line_number <= number][-1]
                found.append(Match(section, number, line.strip()))
    return found


def alarms(pages: Sequence[Page]) -> dict[str, Section]:
    """Return the runbook of each alarm, by its name without blanks and punctuation."""
    by_alarm: dict[str, Section] = {}
    for page in pages:
        if page.name == RUNBOOKS:
            by_anchor = {section.anchor: section for section in page.sections}
            for row in _ALARM_ROW.finditer(page.sections[0].text):
                by_alarm |= {_folded(name): by_anchor[row["anchor"]] for name in _CODE.findall(row["alarms"])}
    return by_alarm


def alarm_names(pages: Sequence[Page]) -> list[str]:
    """Name the alarms that have a runbook."""
    return sorted(
        name
        for page in pages
        if page.name == RUNBOOKS
        for row in _ALARM_ROW.finditer(page.sections[0].text)
        for name in _CODE.findall(row["alarms"])
    )


def rule_codes(pages: Sequence[Page]) -> list[str]:
    """Name the codes of rules and reasons that have a section."""
    return [
        section.heading
        for page in pages
        if page.name == RULES
        for section in page.sections
        if re.fullmatch("[a-z]+(_[a-z0-9]+)+", section.heading) or section.heading == "gone"
    ]


def topic_names(pages: Sequence[Page]) -> list[str]:
    """List every name that `find_sections` knows: pages, alarms, headings."""
    headings = [section.heading for page in pages for section in page.sections if section.level > 1]
    return list(dict.fromkeys([*(page.name for page in pages), *alarm_names(pages), *headings]))


def topic_name(path: str) -> str:
    """Name a page as a topic: docs/operations.md is operations, docs/decisions/README.md is decisions."""
    return path.removeprefix("docs/").removesuffix(".md").removesuffix("/README").lower()


def anchor_of(heading: str) -> str:
    """Write a heading as GitHub's links name it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the place, from 0, the level and the text of each heading."""
    in_code = False
    for place, line in enumerate(lines):
        if _FENCE.match(line):
            in_code = not in_code
        elif not in_code and (found := _HEADING.match(line)):
            yield place, len(found[1]), found[2]


def _folded(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
