"""Build panels of a uniform look. Each kind of panel has its options set here, once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    StackingConfig,
    TableFooterOptions,
    VizLegendOptions,
    VizTextDisplayOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BarGaugeNamePlacement,
    BarGaugeSizing,
    BarGaugeValueMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueJustifyMode,
    BigValueTextMode,
    DataSourceRef,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    PercentChangeColorMode,
    SortOrder,
    StackingMode,
    TableCellHeight,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import FieldColorModeId

from grafana.columns import GREY, Column, Steps, thresholds
from grafana.redshift import WAREHOUSE

type Targets = Sequence[Builder[Dataquery]]
NEUTRAL: Steps = ((None, GREY),)
# Grafana's default of 150 pixels leaves no room for seven weekdays.
NARROWEST_COLUMN = 70
# Grafana shrinks a title with its tile, to 8 pixels on a telephone.
TITLE_SIZE = 13
THINNEST_BAR, THICKEST_BAR = 18, 32
# Grafana's own title of the calculation "sum".
TITLE_OF_SUM = "Total"


@dataclass(frozen=True, slots=True)
class About:
    """What every panel has: a title, a description for managers, a unit, and the text that it shows without data."""

    title: str
    description: str
    unit: str
    decimals: int | None = None
    empty_text: str = "–"


def figures(
    about: About,
    targets: Targets,
    columns: Sequence[Column] = (),
    *,
    source: DataSourceRef = WAREHOUSE,
    steps: Steps = NEUTRAL,
    with_change: bool = False,
    name: str = "",
    calculation: str = "lastNotNull",
) -> stat.Panel:
    """Big numbers, one for each column or series.

    With ``with_change`` the answer is a time series, and each number has its line and the change from first to last.
    """
    panel = (
        stat.Panel()
        .thresholds(thresholds(steps))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .graph_mode(BigValueGraphMode.AREA if with_change else BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.VALUE)
        .justify_mode(BigValueJustifyMode.CENTER)
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .wide_layout(False)
        .text(VizTextDisplayOptions().title_size(TITLE_SIZE))
        .field_min_max(True)
        .show_percent_change(with_change)
        .percent_change_color_mode(PercentChangeColorMode.STANDARD)
        .orientation(VizOrientation.AUTO)
        .reduce_options(ReduceDataOptions().values(False).calcs([calculation]).fields(""))
    )
    return _about(panel, about, targets, columns, source=source, name=name)


def rows(
    about: About,
    targets: Targets,
    columns: Sequence[Column],
    *,
    scheme: FieldColorModeId = FieldColorModeId.THRESHOLDS,
    with_titles: bool = True,
) -> table.Panel:
    """A table with the columns of the answer, in their order. A column is never narrower than its title."""
    wide = [replace(column, least_width=max(column.least_width, _width_of(column.title))) for column in columns]
    panel = (
        table.Panel()
        .thresholds(thresholds(NEUTRAL))
        .color_scheme(FieldColor().mode(scheme))
        .min_width(NARROWEST_COLUMN)
        .show_header(with_titles)
        .cell_height(TableCellHeight.SM)
        .footer(TableFooterOptions().show(False).reducer([]).count_rows(False))
    )
    return _about(panel, about, targets, wide)


def _width_of(title: str) -> int:
    """How many pixels a column's title needs, with its margins."""
    return 25 + 8 * len(title)


def bars(about: About, targets: Targets, color: str) -> bargauge.Panel:
    """One bar for each row of the answer. A row has a text and a number."""
    panel = (
        bargauge.Panel()
        .min(0)
        .thresholds(thresholds(NEUTRAL))
        .color_scheme(FieldColor().mode(FieldColorModeId.FIXED).fixed_color(color))
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .value_mode(BarGaugeValueMode.TEXT)
        .name_placement(BarGaugeNamePlacement.LEFT)
        .show_unfilled(True)
        .sizing(BarGaugeSizing.MANUAL)
        .min_viz_width(THINNEST_BAR)
        .min_viz_height(THINNEST_BAR)
        .max_viz_height(THICKEST_BAR)
        .text(VizTextDisplayOptions().title_size(12).value_size(15))
        .legend(_legend(shown=False))
        .reduce_options(ReduceDataOptions().values(True).calcs(["lastNotNull"]).fields(""))
    )
    return _about(panel, about, targets)


def over_time(
    about: About,
    targets: Targets,
    columns: Sequence[Column] = (),
    *,
    source: DataSourceRef = WAREHOUSE,
    stacked_bars: bool = False,
    name: str = "",
    totals: Sequence[str] = (),
    many: bool = False,
) -> timeseries.Panel:
    """Lines over time, or stacked bars.

    The legend shows ``totals`` for each series, the largest first. It is below the chart, or beside it if there are
    ``many`` series.
    """
    panel = (
        timeseries.Panel()
        .min(0)
        .thresholds(thresholds(NEUTRAL))
        .color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))
        .draw_style(GraphDrawStyle.BARS if stacked_bars else GraphDrawStyle.LINE)
        .line_width(1 if stacked_bars else 2)
        .fill_opacity(70 if stacked_bars else 10)
        .bar_width_factor(0.8)
        .show_points(VisibilityMode.NEVER if stacked_bars else VisibilityMode.AUTO)
        .point_size(5)
        .span_nulls(False)
        .stacking(StackingConfig().mode(StackingMode.NORMAL if stacked_bars else StackingMode.NONE).group("A"))
        .legend(_legend(shown=True, calculations=totals, beside=many))
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    return _about(panel, about, targets, columns, source=source, name=name)


def _about[P: (stat.Panel, table.Panel, bargauge.Panel, timeseries.Panel)](
    panel: P,
    about: About,
    targets: Targets,
    columns: Sequence[Column] = (),
    *,
    source: DataSourceRef = WAREHOUSE,
    name: str = "",
) -> P:
    """Set what every panel has: its texts, its unit, its queries, and how it shows each column."""
    panel.title(about.title).description(about.description).datasource(source)
    panel.unit(about.unit).no_value(about.empty_text)
    if about.decimals is not None:
        panel.decimals(about.decimals)
    if name:
        panel.display_name(name)
    for target in targets:
        panel.with_target(target)
    for column in columns:
        panel.override_by_name(column.name, column.properties())
    return panel


def _legend(*, shown: bool, calculations: Sequence[str] = (), beside: bool = False) -> VizLegendOptions:
    """A legend of names, or with ``calculations`` a table of names and totals."""
    legend = (
        VizLegendOptions()
        .show_legend(shown)
        .display_mode(LegendDisplayMode.TABLE if calculations else LegendDisplayMode.LIST)
        .placement(LegendPlacement.RIGHT if beside else LegendPlacement.BOTTOM)
        .calcs(list(calculations))
    )
    return legend.sort_by(TITLE_OF_SUM).sort_desc(True) if "sum" in calculations else legend
