"""How columns look: title, unit and colours. The title is set here because Redshift returns lower-case names only."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    TableAutoCellOptions,
    TableBarGaugeCellOptions,
    TableCellBackgroundDisplayMode,
    TableCellOptions,
    TableColoredBackgroundCellOptions,
    TableColorTextCellOptions,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardRegexMapOptions,
    DynamicConfigValue,
    FieldColor,
    FieldColorModeId,
    RegexMap,
    Threshold,
    ThresholdsMode,
    ValueMappingResult,
)

# Grafana's usual unit for pounds abbreviates: £26K. This one prints £26,104.50. A negative number is £-20.00, so
# columns that may be negative are texts.
POUNDS = "currency:financial:£"
DOLLARS = "currency:financial:$"
COUNT = "locale"
PLAIN = "none"
SHARE = "percentunit"
PERCENT = "percent"
# Grafana's own units for time change with the value: 16.7 mins, 2.67 hours, 1.1 days. These do not.
DURATION = "dthms"
MINUTES = "suffix:min"
HOURS = "suffix:h"
MILLISECONDS = "ms"
MEGABYTES = "decmbytes"
DAY = "time:ddd DD/MM/YYYY"
MONTH = "time:MM/YYYY"
TIME_OF_DAY = "time:HH:mm"
MOMENT = "time:DD/MM/YYYY HH:mm"

# In pixels, also on a telephone: room for a café's or a product's name.
NAME_WIDTH = 175

GREEN, YELLOW, RED, BLUE, ORANGE, GREY = "green", "#EAB839", "red", "blue", "orange", "text"
CLEAR = "transparent"
type Steps = Sequence[tuple[float | None, str]]
type Patterns = Sequence[tuple[str, str]]
ONE_IS_TOO_MANY: Steps = ((None, GREEN), (1, RED))
# Hours. Files arrive every night, so data older than a day plus the time to load it is late.
A_DAY_IS_OLD: Steps = ((None, GREEN), (30, YELLOW), (48, RED))
ONE_IS_WORTH_A_LOOK: Steps = ((None, GREEN), (1, YELLOW))


@dataclass(frozen=True, slots=True)
class Look:
    """What a column's cells show besides their text: colours by threshold or by pattern, a bar, a link."""

    steps: Steps = ()
    patterns: Patterns = ()
    cell: TableCellOptions | None = None
    color: str = ""
    link: str = ""


PLAIN_LOOK = Look()
# Green from zero up, red below.
GAIN_OR_LOSS = Look(((None, RED), (0, GREEN)), cell=TableColorTextCellOptions())
# The same for a text such as -£20.00.
WRITTEN_GAIN_OR_LOSS = Look(patterns=(("/^-/", RED), ("/^[^-]/", GREEN)), cell=TableColorTextCellOptions())
NOTABLE_TEXT = Look(patterns=(("/./", YELLOW),), cell=TableColorTextCellOptions())


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the answer and its title on the screen.

    ``width`` is fixed, in pixels; without it the column takes what is left, but at least ``least_width``. With
    ``decimals`` None Grafana decides. With ``empty_text`` "" the panel's own text is shown in empty cells. A
    ``hidden`` column is there for links.
    """

    name: str
    title: str
    unit: str = ""
    decimals: int | None = None
    width: int = 0
    look: Look = PLAIN_LOOK
    empty_text: str = ""
    hidden: bool = False
    least_width: int = 0
    to_the_right: bool = False

    def properties(self) -> list[DynamicConfigValue]:
        """Return what differs from the panel's defaults, as Grafana's overrides."""
        look = self.look
        properties: list[tuple[str, object]] = [
            ("displayName", self.title),
            ("unit", self.unit),
            ("decimals", self.decimals),
            ("custom.width", self.width),
            ("custom.minWidth", 0 if self.width else self.least_width),
            ("custom.align", "right" if self.to_the_right else ""),
            ("noValue", self.empty_text),
            ("custom.hideFrom.viz", self.hidden),
            ("thresholds", thresholds(look.steps).build() if look.steps else None),
            ("mappings", [_colored(place, *each) for place, each in enumerate(look.patterns)]),
            ("custom.cellOptions", look.cell),
            ("color", FieldColor(mode=FieldColorModeId.FIXED, fixed_color=look.color) if look.color else None),
            ("links", [{"title": f"Open this {self.title.lower()}", "url": look.link}] if look.link else None),
        ]
        # Leave out empty values, but keep decimals 0.
        kept = [(key, value) for key, value in properties if value or (key == "decimals" and value is not None)]
        return [DynamicConfigValue(id_val=key, value=value) for key, value in kept]


def _colored(place: int, pattern: str, color: str) -> RegexMap:
    return RegexMap(DashboardRegexMapOptions(pattern, ValueMappingResult(color=color, index=place)))


def thresholds(steps: Steps) -> ThresholdsConfig:
    """Build thresholds: each colour applies from its value up."""
    return (
        ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=value, color=color) for value, color in steps])
    )


def money(name: str, title: str, width: int = 0, look: Look = PLAIN_LOOK, least_width: int = 0) -> Column:
    """A column of pounds and pence."""
    return Column(name, title, POUNDS, 2, width, look, least_width=least_width)


def difference(name: str, title: str, width: int) -> Column:
    """A column of pounds and pence that may be negative, written by the query as a text: -£20.00."""
    return Column(name, title, width=width, look=WRITTEN_GAIN_OR_LOSS, to_the_right=True)


def called(name: str, title: str, look: Look = PLAIN_LOOK) -> Column:
    """A column of names, which are never cut."""
    return Column(name, title, look=look, least_width=NAME_WIDTH)


def count(name: str, title: str, width: int = 0, look: Look = PLAIN_LOOK) -> Column:
    """A column of whole numbers."""
    return Column(name, title, COUNT, 0, width, look)


def change(name: str, title: str, width: int = 0) -> Column:
    """A column of changes in percent."""
    return Column(name, title, SHARE, 1, width, GAIN_OR_LOSS)


def bar(color: str) -> Look:
    """A bar behind each number."""
    return Look(cell=TableBarGaugeCellOptions(mode=BarGaugeDisplayMode.BASIC), color=color)


def warning(steps: Steps) -> Look:
    """A coloured background behind a number that needs attention; none behind the others."""
    (_, *others) = steps
    return Look(
        ((None, CLEAR), *others), cell=TableColoredBackgroundCellOptions(mode=TableCellBackgroundDisplayMode.BASIC)
    )


def wrapped() -> Look:
    """A text that may take several lines."""
    return Look(cell=TableAutoCellOptions(wrap_text=True))
