import { useMemo, useState } from "react";
import { dateTimeFormat } from "@grafana/data";
import {
  PanelContextProvider,
  SeriesVisibilityChangeMode,
  TimeSeries,
  TooltipDisplayMode,
  TooltipPlugin2,
  VizTooltipContent,
  VizTooltipHeader,
  VizTooltipWrapper,
  getFieldDisplayItems,
  usePanelContext,
} from "@grafana/ui";

const HOVER_ONE = 0;
const HOVER_ALL = 1;

/** Lines, areas and bars over time. A click on the legend shows one series alone, as in Grafana. */
export function TimeSeriesPanel({ data, options, width, height, timeZone, timeRange, structureRev }) {
  const around = usePanelContext();
  const [alone, setAlone] = useState(null);
  const frames = useMemo(() => data.map((frame) => withOnly(alone, frame)), [data, alone]);
  const context = useMemo(
    () => ({
      ...around,
      onToggleSeriesVisibility: (label, mode) =>
        setAlone((shown) => (mode === SeriesVisibilityChangeMode.ToggleSelection && shown !== label ? label : null)),
    }),
    [around],
  );
  return (
    <PanelContextProvider value={context}>
      <TimeSeries
        frames={frames}
        structureRev={`${structureRev}|${alone}`}
        timeRange={timeRange}
        timeZone={timeZone}
        width={width}
        height={height}
        legend={options.legend}
        options={options}
      >
        {(config, aligned) =>
          options.tooltip.mode === TooltipDisplayMode.None ? null : (
            <TooltipPlugin2
              config={config}
              hoverMode={options.tooltip.mode === TooltipDisplayMode.Single ? HOVER_ONE : HOVER_ALL}
              render={(_plot, places, series) => (
                <Hovered aligned={aligned} places={places} series={series} tooltip={options.tooltip} timeZone={timeZone} />
              )}
            />
          )
        }
      </TimeSeries>
    </PanelContextProvider>
  );
}

function Hovered({ aligned, places, series, tooltip, timeZone }) {
  const [time, ...values] = aligned.fields;
  const at = time.values[places[0]];
  const items = getFieldDisplayItems(aligned.fields, time, places, series, tooltip.mode, tooltip.sort, hasValue, tooltip.hideZeros);
  return values.length === 0 ? null : (
    <VizTooltipWrapper>
      <VizTooltipHeader item={{ label: "", value: dateTimeFormat(at, { timeZone, format: "ddd DD/MM/YYYY HH:mm" }) }} />
      <VizTooltipContent items={items} scrollable={items.length > 12} maxHeight={320} />
    </VizTooltipWrapper>
  );
}

const hasValue = (field) => field.type === "number";

/** Hide all series of the frame except the named one; without a name, show all. */
function withOnly(name, frame) {
  if (name === null) {
    return frame;
  }
  const fields = frame.fields.map((field) => {
    const hidden = field.type === "number" && field.state?.displayName !== name;
    const custom = { ...field.config.custom, hideFrom: { ...field.config.custom?.hideFrom, viz: hidden } };
    return { ...field, config: { ...field.config, custom } };
  });
  return { ...frame, fields };
}
