// The panel types that boards may use: the component and the defaults of each.
import { FieldColorModeId, PanelPlugin } from "@grafana/data";
import { customOptions } from "./fieldConfig.js";
import { BarGaugePanel } from "./panels/BarGaugePanel.jsx";
import { StatPanel } from "./panels/StatPanel.jsx";
import { TablePanel, migrateTable } from "./panels/TablePanel.jsx";
import { TimeSeriesPanel } from "./panels/TimeSeriesPanel.jsx";

const LINES = {
  drawStyle: "line",
  lineInterpolation: "linear",
  lineWidth: 1,
  lineStyle: { fill: "solid" },
  lineColor: null,
  fillOpacity: 0,
  fillColor: null,
  fillBelowTo: null,
  gradientMode: "none",
  barAlignment: 0,
  barWidthFactor: 0.6,
  barMaxWidth: null,
  showPoints: "auto",
  showValues: false,
  pointSize: 5,
  spanNulls: false,
  insertNulls: false,
  stacking: { mode: "none", group: "A" },
  axisPlacement: "auto",
  axisLabel: null,
  axisWidth: null,
  axisSoftMin: null,
  axisSoftMax: null,
  axisGridShow: null,
  axisCenteredZero: false,
  axisBorderShow: false,
  axisColorMode: "text",
  scaleDistribution: { type: "linear" },
  thresholdsStyle: { mode: "off" },
  transform: null,
  hideFrom: { tooltip: false, viz: false, legend: false },
};

const CELLS = {
  align: "auto",
  cellOptions: { type: "auto" },
  width: null,
  minWidth: null,
  inspect: false,
  filterable: null,
  sortable: null,
  hideHeader: null,
  wrapText: null,
  wrapHeaderText: null,
  tooltip: null,
  styleField: null,
  footer: { reducers: [] },
  "hideFrom.viz": null,
};

const REDUCED = { values: false, calcs: ["lastNotNull"], fields: "" };

/** Describe a panel type with Grafana's class for it. */
function plugin(component, options, fieldConfig = {}) {
  const made = new PanelPlugin(component).useFieldConfig(fieldConfig);
  Object.defineProperty(made, "defaults", { value: options });
  return made;
}

export const PLUGINS = {
  stat: plugin(StatPanel, {
    reduceOptions: REDUCED,
    orientation: "auto",
    textMode: "auto",
    wideLayout: true,
    colorMode: "value",
    graphMode: "area",
    justifyMode: "auto",
    showPercentChange: false,
    percentChangeColorMode: "standard",
  }),
  bargauge: plugin(BarGaugePanel, {
    reduceOptions: REDUCED,
    orientation: "auto",
    displayMode: "gradient",
    valueMode: "color",
    namePlacement: "auto",
    showUnfilled: true,
    sizing: "auto",
    minVizWidth: 8,
    minVizHeight: 16,
    maxVizHeight: 300,
  }),
  timeseries: plugin(
    TimeSeriesPanel,
    {
      legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
      tooltip: { mode: "single", sort: "none", hideZeros: false },
    },
    {
      standardOptions: { color: { defaultValue: { mode: FieldColorModeId.PaletteClassic } } },
      useCustomConfig: customOptions(LINES),
    },
  ),
  table: plugin(
    TablePanel,
    { cellHeight: "sm", showHeader: true, showTypeIcons: false, sortBy: [], frozenColumns: { left: 0 } },
    { useCustomConfig: customOptions(CELLS) },
  ).setMigrationHandler(migrateTable),
};
