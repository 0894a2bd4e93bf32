import { useMemo } from "react";
import { ThemeContext, createTheme, dateTimeFormat } from "@grafana/data";
import { Combobox, GlobalStyles, Icon, RadioButtonGroup, Tab, TabsBar, ToolbarButton, useStyles2 } from "@grafana/ui";
import { css } from "@emotion/css";
import { followBoardLinks, useAddress } from "./address.js";
import { Board } from "./Board.jsx";

/** The page: the tabs, the switches for café, period and theme, and the chosen board. */
export function App({ pageData }) {
  const [address, change] = useAddress();
  const mode = address.theme === "light" ? "light" : "dark";
  const theme = useMemo(() => createTheme({ colors: { mode } }), [mode]);
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Page pageData={pageData} address={address} change={change} mode={mode} />
    </ThemeContext.Provider>
  );
}

function Page({ pageData, address, change, mode }) {
  const styles = useStyles2(pageStyles);
  const board = pageData.boards.find(({ uid }) => uid === address.board) ?? pageData.boards[0];
  const { periods, defaultPeriod, variable, cafes } = pageData.choices[board.uid];
  const period = periods.find(({ id }) => id === address.period) ?? periods.find(({ id }) => id === defaultPeriod);
  const cafe = cafes.find(({ value }) => value === address.cafe) ?? cafes[0];
  const variables = useMemo(() => (variable ? { [variable]: cafe.label } : {}), [variable, cafe]);
  return (
    <div className={styles.page} onClick={followBoardLinks(change)}>
      <header className={styles.header}>
        <div className={styles.top}>
          <span className={styles.brand}>
            <Cup /> Cafés
          </span>
          <TabsBar hideBorder className={styles.tabs}>
            {pageData.boards.map(({ uid, title }) => (
              <Tab key={uid} label={title} active={uid === board.uid} onChangeTab={() => change({ board: uid })} />
            ))}
          </TabsBar>
          <ToolbarButton
            variant="canvas"
            icon="palette"
            tooltip={mode === "dark" ? "Light" : "Dark"}
            aria-label={mode === "dark" ? "Light theme" : "Dark theme"}
            onClick={() => change({ theme: mode === "dark" ? "light" : "dark" })}
          />
        </div>
        <div className={styles.about}>
          <p>{board.description}</p>
          <div className={styles.switches}>
            {cafe && cafes.length > 1 && (
              <Combobox
                aria-label="Café"
                prefixIcon="home-alt"
                width={28}
                options={cafes}
                value={cafe.value}
                onChange={({ value }) => change({ cafe: value })}
              />
            )}
            <RadioButtonGroup
              aria-label="Period"
              options={periods.map(({ id, label }) => ({ value: id, label }))}
              value={period.id}
              onChange={(id) => change({ period: id })}
            />
          </div>
        </div>
      </header>
      <main className={styles.board}>
        <Board key={board.uid} pageData={pageData} board={board} period={period} cafe={cafe?.value ?? ""} variables={variables} />
      </main>
      <footer className={styles.footer}>
        <Icon name="info-circle" size="sm" /> Drawn with Grafana's UI components, not a Grafana server. {pageData.source} Taken{" "}
        {dateTimeFormat(pageData.takenAt, { timeZone: "utc", format: "dddd D MMMM YYYY, HH:mm" })} UTC.
      </footer>
    </div>
  );
}

/** The logo. */
function Cup() {
  return (
    <svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="#ff9830" strokeWidth="2" strokeLinecap="round" aria-hidden>
      <path d="M4 9h13v6a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5z" fill="#ff983033" />
      <path d="M17 10h1.5a2.5 2.5 0 0 1 0 5H17M8 3v2.5M12.5 3v2.5" />
    </svg>
  );
}

const pageStyles = (theme) => ({
  page: css({ minHeight: "100vh", background: theme.colors.background.canvas, color: theme.colors.text.primary }),
  header: css({
    position: "sticky",
    top: 0,
    zIndex: theme.zIndex.navbarFixed,
    background: theme.colors.background.canvas,
    padding: theme.spacing(0, 2),
  }),
  top: css({
    display: "flex",
    alignItems: "center",
    gap: theme.spacing(0, 2),
    [theme.breakpoints.down("sm")]: { flexWrap: "wrap", justifyContent: "space-between", paddingTop: theme.spacing(0.5) },
    borderBottom: `1px solid ${theme.colors.border.weak}`,
  }),
  brand: css({
    display: "flex",
    alignItems: "center",
    gap: theme.spacing(1),
    ...theme.typography.h4,
    margin: 0,
  }),
  tabs: css({
    flexGrow: 1,
    // On a telephone all tabs are in one line of their own.
    [theme.breakpoints.down("sm")]: {
      order: 1,
      flexBasis: "100%",
      "& [role=tab]": { padding: theme.spacing(1, 0.75), fontSize: theme.typography.bodySmall.fontSize },
    },
  }),
  about: css({
    display: "flex",
    alignItems: "center",
    justifyContent: "space-between",
    flexWrap: "wrap",
    gap: theme.spacing(1, 2),
    padding: theme.spacing(1.25, 0),
    "& > p": { margin: 0, color: theme.colors.text.secondary, flex: "1 1 320px" },
  }),
  switches: css({ display: "flex", flexWrap: "wrap", alignItems: "center", gap: theme.spacing(1) }),
  board: css({ padding: theme.spacing(0.5, 2, 0) }),
  footer: css({
    display: "flex",
    alignItems: "center",
    gap: theme.spacing(0.75),
    padding: theme.spacing(1, 2, 2),
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
