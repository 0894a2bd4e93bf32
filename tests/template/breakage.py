"""A mistake that somebody might make in the template, and the rule that must notice it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from template.stack import Document, Stack

type Rule = Callable[[Stack], Iterator[str]]


class Gone:
    """Value of a breakage that removes its key."""


@dataclass(frozen=True)
class Breakage:
    """One mistake: ``value`` at the dotted ``path``. The rule must report a violation of ``culprit``.

    ``overrides`` are the parameter values for which the rule notices the mistake.
    """

    rule: Rule
    mistake: str
    path: str
    value: Any
    culprit: str
    overrides: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule.__name__}: {self.mistake}"

    def apply(self, source: Document) -> None:
        """Make the mistake in a freshly read template. Numbers in the path are list indexes."""
        *parents, last = [int(step) if step.isdigit() else step for step in self.path.split(".")]
        place: Any = source
        for step in parents:
            place = place[step]
        if self.value is Gone:
            del place[last]
        else:
            place[last] = self.value
