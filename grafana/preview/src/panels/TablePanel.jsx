import { TableNG } from "@grafana/ui/unstable";

/** Grafana's table of the first frame. Tables of these boards have one query. */
export function TablePanel({ data, options, fieldConfig, width, height, structureRev }) {
  return (
    <TableNG
      data={data[0]}
      width={width}
      height={height}
      fieldConfig={fieldConfig}
      noHeader={!options.showHeader}
      showTypeIcons={options.showTypeIcons}
      sortBy={options.sortBy}
      sortByBehavior="initial"
      cellHeight={options.cellHeight}
      frozenColumns={options.frozenColumns?.left}
      structureRev={structureRev}
      resizable
      getActions={() => []}
    />
  );
}

/** Migrate the options of older tables as Grafana does: wrapText has moved out of cellOptions. */
export function migrateTable(panel) {
  for (const { properties } of panel.fieldConfig.overrides) {
    const cell = properties.find(({ id }) => id === "custom.cellOptions")?.value;
    if (cell?.wrapText !== undefined) {
      properties.push({ id: "custom.wrapText", value: cell.wrapText });
      delete cell.wrapText;
    }
  }
  return panel.options;
}
