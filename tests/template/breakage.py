"""A mistake that somebody might make in the template, and the rule that is to notice it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from template.stack import Document, Stack

type Rule = Callable[[Stack], Iterator[str]]


class Gone:
    """Marks a key that a breakage takes away."""


@dataclass(frozen=True)
class Breakage:
    """One mistake: ``value`` put where the dotted ``path`` leads, for which the rule must name ``culprit``.

    ``overrides`` are the parameters of the installation in which it shows.
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
        """Make the mistake in a template that was read for it; numbers in the path lead into lists."""
        *parents, last = [int(step) if step.isdigit() else step for step in self.path.split(".")]
        place: Any = source
        for step in parents:
            place = place[step]
        if self.value is Gone:
            del place[last]
        else:
            place[last] = self.value
