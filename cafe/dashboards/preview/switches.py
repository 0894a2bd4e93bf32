"""What a reader of the preview can switch: the period, and the café where a board has one as its variable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cafe.dashboards.boards import ALL, Board, Variable
from cafe.dashboards.periods import Period
from cafe.dashboards.variables import Values

SPANS: Mapping[str, str] = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days"}
# The periods that are offered: of a board that shows a day, and of one that shows weeks.
SHORT = ("24h", "7d", "30d")
LONG = ("7d", "30d", "90d")
CAFE = "cafe"

# Gives a variable's choices, in the order in which a reader sees them.
type Choices = Callable[[Variable], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Setting:
    """One position of the switches, and what it means for the board's queries."""

    span: str
    cafe: str
    period: Period
    values: Values


@dataclass(frozen=True, slots=True)
class Switches:
    """A board's switches: the first café is the one that the board shows at first; "" where it has none."""

    spans: tuple[str, ...]
    default_span: str
    cafes: tuple[str, ...]
    settings: tuple[Setting, ...]
    now: datetime

    def as_json(self) -> dict[str, object]:
        """Give them as the page reads them."""
        return {
            "periods": [
                {"id": span, "label": SPANS[span], "from": _milliseconds(period.start), "to": _milliseconds(period.end)}
                for span in self.spans
                for period in [Period.before(self.now, f"now-{span}")]
            ],
            "defaultPeriod": self.default_span,
            "variable": CAFE if self.cafes != ("",) else None,
            "cafes": [{"value": cafe, "label": label_of(cafe)} for cafe in self.cafes],
        }


def label_of(cafe: str) -> str:
    """Name a café as the switch does."""
    return "All cafés" if cafe == ALL else cafe


def switches_of(board: Board, choices: Choices, now: datetime) -> Switches:
    """Find the positions of a board's switches; other variables stay as the board has them."""
    default = board.start.removeprefix("now-")
    spans = SHORT if default in SHORT[:1] else LONG
    found = {variable.name: (variable, list(choices(variable))) for variable in board.variables}
    if CAFE in found and not found[CAFE][1]:
        # Before the first sale Grafana asks for a café without a name: it has none to offer.
        found[CAFE][1].append("")
    fixed = {name: _chosen(variable, values, variable.default) for name, (variable, values) in found.items()}
    cafes = [""]
    if CAFE in found:
        variable, values = found[CAFE]
        cafes = [*([ALL] if variable.include_all and any(values) else []), *values]
    settings = tuple(
        Setting(span, cafe, Period.before(now, f"now-{span}"), fixed | _of_cafe(found, cafe))
        for span in spans
        for cafe in cafes
    )
    return Switches(spans, default, tuple(cafes), settings, now)


def _of_cafe(found: Mapping[str, tuple[Variable, list[str]]], cafe: str) -> dict[str, Sequence[str]]:
    return {CAFE: _chosen(*found[CAFE], cafe)} if cafe else {}


def _chosen(variable: Variable, values: Sequence[str], chosen: str) -> Sequence[str]:
    """Give a choice's values: All is every one, and a choice that there is not is the first that there is."""
    if chosen == ALL or (variable.include_all and chosen not in values):
        return values
    return [chosen] if chosen in values else values[:1]


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
