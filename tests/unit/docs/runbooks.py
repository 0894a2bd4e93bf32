"""The commands of the operations page: section, command, and the exit codes that the page allows."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from unit.docs.pages import blocks, page, sections

AWS_ONLY = "on AWS only"
_EXIT_CODE = re.compile(r"exit code (\d)")
_COMMENT = re.compile(r"\s+#\s+")


@dataclass(frozen=True, slots=True)
class RunbookCommand:
    """A line of a block. Its exit code is 0, or the code that its comment states."""

    section: str
    text: str
    exit_codes: frozenset[int]
    is_aws_only: bool

    def words(self, values: dict[str, str]) -> list[str]:
        """Split it into words, with the page's placeholders filled in."""
        return [
            values.get(word, word).replace("/ENV/", f"/{values.get('ENV', 'ENV')}/") for word in shlex.split(self.text)
        ]


def runbook_sections() -> dict[str, str]:
    """Split the page at its second-level headings; what comes before the first is "Operations"."""
    text = page("operations")
    before = text.split("\n## ")[0]
    return {"Operations": before} | sections(text, 2)


def runbook_commands() -> Iterator[RunbookCommand]:
    """Yield every line of every block for the person on call."""
    yield from _commands("")


def installation_commands() -> Iterator[RunbookCommand]:
    """Yield every line of the blocks marked `sh`: they delete the stack, or create it again."""
    yield from _commands("sh")


def _commands(language: str) -> Iterator[RunbookCommand]:
    for section, text in runbook_sections().items():
        for line in "".join(blocks(text, language)).splitlines():
            command, _, comment = _COMMENT.sub("\0", line, count=1).partition("\0")
            codes = {0, *map(int, _EXIT_CODE.findall(comment))}
            yield RunbookCommand(section, command.strip(), frozenset(codes), AWS_ONLY in comment)
