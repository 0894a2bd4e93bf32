"""The saved searches of Logs Insights as the tests read them: which fields, events and functions a query names."""

import re
from dataclasses import dataclass
from typing import Any

from template.stack import Stack

COMMENT = re.compile(r"^#.*$", re.MULTILINE)
QUOTED = re.compile(r'"[^"]*"|/[^/\n]+/')
MADE = re.compile(r"\bas (\w+)")
FUNCTION = re.compile(r"\b(\w+)\(")
WORD = re.compile(r"@?[A-Za-z_][\w.]*")
COMMANDS = ("fields", "filter", "limit", "sort", "stats")
FUNCTIONS = {"bin", "count", "count_distinct", "ispresent", "latest", "max", "min", "sum"}
# Words of the language that stand where names stand.
KEYWORDS = {"and", "as", "by", "asc", "desc", "in", "like", "or", "h"}


@dataclass(frozen=True)
class SavedQuery:
    """One query: its name after the environment's, and its text."""

    name: str
    text: str

    @property
    def stages(self) -> list[str]:
        """Give its commands in order."""
        return [stage.strip() for stage in COMMENT.sub("", self.text).split("|")]

    @property
    def events(self) -> set[str]:
        """Give the names of the events that it looks for."""
        return set(re.findall(r'"([a-z]+\.[a-z_]+)"', self.text))

    @property
    def functions(self) -> set[str]:
        """Give the functions that it calls."""
        return set(FUNCTION.findall(QUOTED.sub("", " ".join(self.stages))))

    @property
    def fields(self) -> set[str]:
        """Give the fields of log lines that it reads: all names but the language's own and those that it makes."""
        bare = QUOTED.sub("", " ".join(self.stages))
        return set(WORD.findall(bare)) - {*COMMANDS, *FUNCTIONS, *KEYWORDS, *MADE.findall(bare)}


def saved_queries(stack: Stack) -> list[SavedQuery]:
    """Read the queries of the template."""
    return [_read(query.properties) for query in stack.of_type("AWS::Logs::QueryDefinition")]


def _read(properties: dict[str, Any]) -> SavedQuery:
    return SavedQuery(properties["Name"]["Fn::Sub"].partition("/")[2], properties["QueryString"])
