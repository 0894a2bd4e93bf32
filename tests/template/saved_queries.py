"""The saved queries of Logs Insights: which fields, events and functions each uses."""

import re
from dataclasses import dataclass
from typing import Any

from template.stack import Stack

COMMENT = re.compile(r"^#.*$", re.MULTILINE)
QUOTED = re.compile(r'"[^"]*"|/[^/\n]+/')
DEFINED = re.compile(r"\bas (\w+)")
FUNCTION = re.compile(r"\b(\w+)\(")
WORD = re.compile(r"@?[A-Za-z_][\w.]*")
COMMANDS = ("fields", "filter", "limit", "sort", "stats")
FUNCTIONS = {"bin", "count", "count_distinct", "ispresent", "latest", "max", "min", "sum"}
# Keywords that can be in the place of a field name.
KEYWORDS = {"and", "as", "by", "asc", "desc", "in", "like", "or", "h"}


@dataclass(frozen=True)
class SavedQuery:
    """One query: its name without the environment, and its text."""

    name: str
    text: str

    @property
    def stages(self) -> list[str]:
        """Its commands, in order."""
        return [stage.strip() for stage in COMMENT.sub("", self.text).split("|")]

    @property
    def events(self) -> set[str]:
        """The names of the log events that it filters by."""
        return set(re.findall(r'"([a-z]+\.[a-z_]+)"', self.text))

    @property
    def functions(self) -> set[str]:
        """The functions that it calls."""
        return set(FUNCTION.findall(QUOTED.sub("", " ".join(self.stages))))

    @property
    def fields(self) -> set[str]:
        """The fields of log lines that it reads: all names except keywords and names that it defines itself."""
        bare = QUOTED.sub("", " ".join(self.stages))
        return set(WORD.findall(bare)) - {*COMMANDS, *FUNCTIONS, *KEYWORDS, *DEFINED.findall(bare)}


def saved_queries(stack: Stack) -> list[SavedQuery]:
    """Read the queries of the template."""
    return [_read(query.properties) for query in stack.of_type("AWS::Logs::QueryDefinition")]


def _read(properties: dict[str, Any]) -> SavedQuery:
    return SavedQuery(properties["Name"]["Fn::Sub"].partition("/")[2], properties["QueryString"])
