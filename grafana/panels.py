"""Build panels that look alike: one way to draw each kind, with what the SDK leaves open decided once."""

from collections.abc import Sequence
from dataclasses import dataclass

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
# Grafana's own 150 pixels leave no room for seven weekdays.
NARROWEST_COLUMN = 70
THINNEST_BAR, THICKEST_BAR = 18, 32


@dataclass(frozen=True, slots=True)
class About:
    """What every panel says of itself: its title, a description for managers, its unit, and what it says of nothing."""

    title: str
    description: str
    unit: str
    decimals: int | None = None
    nothing: str = "–"


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
    """Big numbers, one a column or series. With ``with_change``, the last row is also held against the first."""
    panel = (
        stat.Panel()
        .thresholds(thresholds(steps))
        .color_scheme(FieldColor().mode(FieldColorModeId.THRESHOLDS))
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.VALUE)
        .justify_mode(BigValueJustifyMode.CENTER)
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .wide_layout(False)
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
) -> table.Panel:
    """A table; its columns are those of the answer, in their order."""
    panel = (
        table.Panel()
        .thresholds(thresholds(NEUTRAL))
        .color_scheme(FieldColor().mode(scheme))
        .min_width(NARROWEST_COLUMN)
        .show_header(True)
        .cell_height(TableCellHeight.SM)
        .footer(TableFooterOptions().show(False).reducer([]).count_rows(False))
    )
    return _about(panel, about, targets, columns)


def bars(about: About, targets: Targets, color: str) -> bargauge.Panel:
    """A bar a row of the answer, which has a text and a number."""
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
    """Lines over time, or bars that stand on each other.

    ``totals`` are shown with each name in the legend, which stands below the chart, or beside it if there are ``many``.
    """
    panel = (
        timeseries.Panel()
        .min(0)
        .thresholds(thresholds(NEUTRAL))
        .color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME))
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
    """Give a panel what every panel has: its words, its unit, what it asks, and how it shows each column."""
    panel.title(about.title).description(about.description).datasource(source)
    panel.unit(about.unit).no_value(about.nothing)
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
    """Names in a list, or with totals in a table."""
    return (
        VizLegendOptions()
        .show_legend(shown)
        .display_mode(LegendDisplayMode.TABLE if calculations else LegendDisplayMode.LIST)
        .placement(LegendPlacement.RIGHT if beside else LegendPlacement.BOTTOM)
        .calcs(list(calculations))
    )
