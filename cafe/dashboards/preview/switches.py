"""The switches of a board in the preview: the period, and the café if the board has that variable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cafe.dashboards.boards import ALL, Board, Variable
from cafe.dashboards.periods import Period
from cafe.dashboards.variables import Choice, Values

SPANS: Mapping[str, str] = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days"}
# The periods to choose from: on a board that opens with one day, and on all others.
SHORT = ("24h", "7d", "30d")
LONG = ("7d", "30d", "90d")
CAFE = "cafe"

# Returns a variable's choices in display order, given the values of the variables before it.
type Choices = Callable[[Variable, Values], Sequence[Choice]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One position of the switches, with the period and the values that the board's queries then use.

    ``cafe`` is the value of the chosen café, which is its id.
    """

    span: str
    cafe: str
    period: Period
    values: Values


@dataclass(frozen=True, slots=True)
class Switches:
    """A board's switches. The board opens with the first café; there is none if it has no such variable."""

    spans: tuple[str, ...]
    default_span: str
    cafes: tuple[Choice, ...]
    settings: tuple[Setting, ...]
    now: datetime

    def as_json(self) -> dict[str, object]:
        """Return the switches as JSON for the page."""
        return {
            "periods": [
                {"id": span, "label": SPANS[span], "from": _milliseconds(period.start), "to": _milliseconds(period.end)}
                for span in self.spans
                for period in [Period.before(self.now, f"now-{span}")]
            ],
            "defaultPeriod": self.default_span,
            "variable": CAFE if self.cafes else None,
            "cafes": [{"value": cafe.value, "label": cafe.text} for cafe in self.cafes],
        }


def switches_of(board: Board, choices: Choices, now: datetime) -> Switches:
    """List all positions of a board's switches. Other variables keep the board's default."""
    default = board.start.removeprefix("now-")
    spans = SHORT if default in SHORT[:1] else LONG
    found: dict[str, tuple[Variable, list[Choice]]] = {}
    fixed: dict[str, Sequence[str]] = {}
    for variable in board.variables:
        found[variable.name] = variable, list(choices(variable, fixed))
        fixed[variable.name] = _chosen(*found[variable.name], variable.default)
    cafes: list[Choice] = []
    if CAFE in found:
        variable, known = found[CAFE]
        cafes = [*([Choice(ALL, "All cafés")] if variable.include_all else []), *known]
    settings = tuple(
        Setting(span, cafe, Period.before(now, f"now-{span}"), fixed | _of_cafe(found, cafe))
        for span in spans
        for cafe in [choice.value for choice in cafes] or [""]
    )
    return Switches(spans, default, tuple(cafes), settings, now)


def _of_cafe(found: Mapping[str, tuple[Variable, list[Choice]]], cafe: str) -> dict[str, Sequence[str]]:
    return {CAFE: _chosen(*found[CAFE], cafe)} if cafe else {}


def _chosen(variable: Variable, choices: Sequence[Choice], chosen: str) -> Sequence[str]:
    """Return the values of a choice: the first if it no longer exists; for All that of All, or every one."""
    values = [choice.value for choice in choices]
    if chosen == ALL or (variable.include_all and chosen not in values):
        return [variable.all_value] if variable.all_value else values
    return [chosen] if chosen in values else values[:1]


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
