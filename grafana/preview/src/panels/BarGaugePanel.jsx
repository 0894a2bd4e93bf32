import { FieldType, VizOrientation, getDisplayProcessor, getDisplayValueAlignmentFactors, getFieldDisplayValues } from "@grafana/data";
import { BarGauge, VizRepeater, useTheme2 } from "@grafana/ui";

/** One bar for each field or row, laid out by Grafana's repeater. */
export function BarGaugePanel({ data, options, fieldConfig, width, height, timeZone, replaceVariables }) {
  const theme = useTheme2();
  const valuesOf = () =>
    getFieldDisplayValues({ fieldConfig, reduceOptions: options.reduceOptions, replaceVariables, theme, data, timeZone });
  const sized = options.sizing === "manual";
  return (
    <VizRepeater
      getValues={valuesOf}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width: itemWidth, height: itemHeight, alignmentFactors, orientation, count }) => (
        <BarGauge
          value={value.display}
          field={value.field}
          display={value.view?.getFieldDisplayProcessor(value.colIndex) ?? displayOf(value.field, theme)}
          width={itemWidth}
          height={itemHeight}
          orientation={orientation}
          theme={theme}
          text={options.text}
          itemSpacing={spacingOf(options.displayMode)}
          alignmentFactors={count > 1 ? alignmentFactors : undefined}
          displayMode={options.displayMode}
          showUnfilled={options.showUnfilled}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
        />
      )}
      width={width}
      height={height}
      source={data}
      orientation={options.orientation}
      itemSpacing={spacingOf(options.displayMode)}
      minVizWidth={sized ? options.minVizWidth : 8}
      minVizHeight={sized ? options.minVizHeight : options.orientation === VizOrientation.Horizontal ? 16 : 10}
      maxVizHeight={sized ? options.maxVizHeight : 300}
    />
  );
}

/** Format a missing value by the board's defaults. */
const displayOf = (config, theme) => getDisplayProcessor({ field: { type: FieldType.number, config }, theme });

const spacingOf = (displayMode) => (displayMode === "lcd" ? 2 : 10);
