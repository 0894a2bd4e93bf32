import { getDisplayValueAlignmentFactors, getFieldDisplayValues } from "@grafana/data";
import { BigValue, VizRepeater, useTheme2 } from "@grafana/ui";

/** One large value for each field, laid out by Grafana's repeater. */
export function StatPanel({ data, options, fieldConfig, width, height, timeZone, replaceVariables }) {
  const theme = useTheme2();
  const valuesOf = () =>
    getFieldDisplayValues({
      fieldConfig,
      reduceOptions: options.reduceOptions,
      replaceVariables,
      theme,
      data,
      timeZone,
      sparkline: options.graphMode !== "none",
      percentChange: options.showPercentChange && !options.reduceOptions.values,
    });
  return (
    <VizRepeater
      getValues={valuesOf}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width: itemWidth, height: itemHeight, alignmentFactors, count }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          count={count}
          width={itemWidth}
          height={itemHeight}
          theme={theme}
          alignmentFactors={alignmentFactors}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={options.textMode}
          text={options.text}
          disableWideLayout={!options.wideLayout}
          percentChangeColorMode={options.percentChangeColorMode}
        />
      )}
      width={width}
      height={height}
      source={data}
      itemSpacing={3}
      orientation={options.orientation}
      autoGrid
    />
  );
}
