import { Component, useMemo } from "react";
import { cacheFieldDisplayNames, getPanelOptionsWithDefaults, renderMarkdown, useFieldOverrides } from "@grafana/data";
import { PanelChrome, useTheme2 } from "@grafana/ui";
import { PLUGINS } from "./plugins.js";

// Without data, Grafana's panels of these types show a text in the middle. The other types show it as their value.
const SHOWS_NO_DATA = { table: true, timeseries: true };

/** One panel of a board, with Grafana's frame and Grafana's drawing of the answers. */
export function Panel({ panel, frames, width, height, timeRange, timeZone, replaceVariables }) {
  const title = replaceVariables(panel.title);
  return (
    <PanelChrome
      title={title}
      description={panel.description ? renderMarkdown(replaceVariables(panel.description)) : undefined}
      displayMode={panel.transparent ? "transparent" : "default"}
      width={width}
      height={height}
    >
      {(innerWidth, innerHeight) => (
        <Guard key={`${panel.type}|${panel.id}`}>
          <Drawing
            panel={panel}
            frames={frames}
            width={innerWidth}
            height={innerHeight}
            timeRange={timeRange}
            timeZone={timeZone}
            replaceVariables={replaceVariables}
          />
        </Guard>
      )}
    </PanelChrome>
  );
}

function Drawing({ panel, frames, ...place }) {
  const theme = useTheme2();
  const plugin = PLUGINS[panel.type];
  const { options, fieldConfig } = useMemo(() => {
    const current = structuredClone(panel);
    const currentOptions = plugin.onPanelMigration?.(current) ?? current.options;
    const currentFieldConfig = current.fieldConfig;
    return getPanelOptionsWithDefaults({ plugin, currentOptions, currentFieldConfig, isAfterPluginChange: false });
  }, [plugin, panel]);
  const answered = useMemo(() => ({ series: frames }), [frames]);
  const data = useFieldOverrides(plugin, fieldConfig, answered, place.timeZone, theme, place.replaceVariables);
  // Tables and tooltips read the display names from this cache.
  useMemo(() => cacheFieldDisplayNames(data.series), [data]);
  if (SHOWS_NO_DATA[panel.type] && !frames.some((frame) => frame.length > 0)) {
    return <NoData text={fieldConfig.defaults.noValue ?? "No data"} height={place.height} />;
  }
  return (
    <plugin.panel
      {...place}
      data={data.series}
      structureRev={data.structureRev}
      options={options}
      fieldConfig={fieldConfig}
    />
  );
}

function NoData({ text, height }) {
  const { colors } = useTheme2();
  return (
    <div style={{ height, display: "grid", placeItems: "center", textAlign: "center", color: colors.text.secondary }}>
      {text}
    </div>
  );
}

/** Show the error of a panel that cannot be drawn in its place, and draw the others. */
class Guard extends Component {
  state = {};

  static getDerivedStateFromError(error) {
    return { error };
  }

  render() {
    return this.state.error ? <pre role="alert">{String(this.state.error)}</pre> : this.props.children;
  }
}
