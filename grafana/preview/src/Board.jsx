import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { dateTime } from "@grafana/data";
import { Icon, useStyles2 } from "@grafana/ui";
import { css } from "@emotion/css";
import { framesOf } from "./answers.js";
import { Panel } from "./Panel.jsx";
import { replacing } from "./variables.js";

// Grafana's grid: 24 columns, the height of a row, and the gap between panels in pixels.
const COLUMNS = 24;
const UNIT = 30;
const GAP = 8;
// Below this width Grafana stacks the panels.
const NARROW = 769;

/** A board's panels in the grid, with the answers for a period and a café. */
export function Board({ pageData, board, period, cafe, variables }) {
  const [ref, width] = useWidth();
  const timeRange = useMemo(() => rangeOf(period), [period]);
  const replaceVariables = useMemo(() => replacing(variables), [variables]);
  const frames = useMemo(
    () => new Map(panelsOf(board).map((panel) => [panel.id, framesOf(pageData, board, panel, period.id, cafe)])),
    [pageData, board, period, cafe],
  );
  useDrawnMark(`${board.uid}|${period.id}|${cafe}`, width);
  const place = { frames, timeRange, timeZone: board.timezone || "utc", replaceVariables, width };
  return (
    <div ref={ref} data-board={board.uid}>
      {width > 0 && sectionsOf(board).map((section) => <Section key={section.id} {...section} {...place} />)}
    </div>
  );
}

function Section({ row, panels, frames, width, ...place }) {
  const styles = useStyles2(rowStyles);
  const [isOpen, setOpen] = useState(!row?.collapsed);
  const narrow = width < NARROW;
  const top = Math.min(...panels.map((panel) => panel.gridPos.y));
  const bottom = Math.max(...panels.map((panel) => panel.gridPos.y + panel.gridPos.h));
  return (
    <section>
      {row && (
        <button type="button" className={styles.row} onClick={() => setOpen(!isOpen)} aria-expanded={isOpen}>
          <Icon name={isOpen ? "angle-down" : "angle-right"} /> {place.replaceVariables(row.title)}
        </button>
      )}
      {isOpen && panels.length > 0 && (
        <div className={styles.panels} style={narrow ? undefined : { height: (bottom - top) * (UNIT + GAP) }}>
          {panels.map((panel) => {
            const box = narrow ? stacked(panel, width) : placed(panel, width, top);
            return (
              <div key={panel.id} data-panel={panel.id} style={box}>
                <Panel panel={panel} frames={frames.get(panel.id)} width={box.width} height={box.height} {...place} />
              </div>
            );
          })}
        </div>
      )}
    </section>
  );
}

/** The box of a panel, in pixels from its section's corner. */
function placed({ gridPos: { x, y, w, h } }, width, top) {
  const column = (width + GAP) / COLUMNS;
  const left = Math.round(x * column);
  const right = Math.round((x + w) * column) - GAP;
  return { position: "absolute", left, top: (y - top) * (UNIT + GAP), width: right - left, height: h * (UNIT + GAP) - GAP };
}

const stacked = ({ gridPos: { h } }, width) => ({ width, height: h * (UNIT + GAP) - GAP, marginBottom: GAP });

/** Every panel, including those of collapsed rows. */
export function panelsOf(board) {
  return sectionsOf(board).flatMap(({ panels }) => panels);
}

/** The board's rows, each with the panels below it. A collapsed row contains its panels. */
function sectionsOf(board) {
  const sections = [{ id: "top", row: null, panels: [] }];
  const inOrder = [...board.panels].sort((one, other) => one.gridPos.y - other.gridPos.y || one.gridPos.x - other.gridPos.x);
  for (const panel of inOrder) {
    if (panel.type === "row") {
      sections.push({ id: panel.id, row: panel, panels: [...(panel.panels ?? [])] });
    } else {
      sections.at(-1).panels.push(panel);
    }
  }
  return sections.filter(({ row, panels }) => row || panels.length > 0);
}

function rangeOf({ from, to, id }) {
  return { from: dateTime(from), to: dateTime(to), raw: { from: `now-${id}`, to: "now" } };
}

/** Mark the page once the choice is painted, so that tests, measurements and screenshots know when to start. */
function useDrawnMark(chosen, width) {
  useEffect(() => {
    const page = document.documentElement;
    delete page.dataset.drawn;
    let frame = 0;
    const afterPaint = (then) => (frame = requestAnimationFrame(() => (frame = requestAnimationFrame(then))));
    if (width > 0) {
      afterPaint(() => {
        performance.mark("drawn");
        page.dataset.drawn = chosen;
      });
    }
    return () => cancelAnimationFrame(frame);
  }, [chosen, width]);
}

function useWidth() {
  const ref = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.floor(ref.current.clientWidth));
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

const rowStyles = (theme) => ({
  panels: css({ position: "relative" }),
  row: css({
    display: "flex",
    alignItems: "center",
    gap: theme.spacing(0.5),
    width: "100%",
    height: UNIT,
    margin: `0 0 ${GAP}px`,
    padding: 0,
    border: 0,
    background: "none",
    color: theme.colors.text.primary,
    fontSize: theme.typography.h5.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
  }),
});
