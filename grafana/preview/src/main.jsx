// Draws the committed dashboards with Grafana's own components, from answers that the page contains.
import "uplot/dist/uPlot.min.css";
import { createRoot } from "react-dom/client";
import { systemDateFormats } from "@grafana/data";
import "./offline/fonts.css";
import "./offline/icons.js";
import { unpackAnswers } from "./answers.js";
import { App } from "./App.jsx";

// Day first, as on the Grafana host (grafana/host).
systemDateFormats.update({
  fullDate: "DD/MM/YYYY HH:mm:ss",
  interval: {
    millisecond: "HH:mm:ss.SSS",
    second: "HH:mm:ss",
    minute: "HH:mm",
    hour: "DD/MM HH:mm",
    day: "DD/MM",
    month: "MM/YYYY",
    year: "YYYY",
  },
});

// Grafana fits values to their panels by measuring text, so the fonts must be loaded before the first drawing.
const fonts = ["14px Inter", "500 14px Inter", "14px 'Roboto Mono'"].map((font) => document.fonts.load(font));
const [pageData] = await Promise.all([unpackAnswers(), ...fonts]);
createRoot(document.getElementById("root")).render(<App pageData={pageData} />);
