import { TableNG } from "@grafana/ui/unstable";

/** Grafana's table, of the first frame: every board's tables answer one query. */
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
