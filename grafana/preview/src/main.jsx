// Draws the committed dashboards with Grafana's own components, from answers that the page carries.
import "uplot/dist/uPlot.min.css";
import { createRoot } from "react-dom/client";
import { systemDateFormats } from "@grafana/data";
import "./offline/fonts.css";
import "./offline/icons.js";
import { unpacked } from "./answers.js";
import { App } from "./App.jsx";

// As the host's environment sets them for Grafana: day first (grafana/host).
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

// Values are fitted to their panels by measuring them: in the right font, or not at all.
const fonts = ["14px Inter", "500 14px Inter", "14px 'Roboto Mono'"].map((font) => document.fonts.load(font));
const [given] = await Promise.all([unpacked(), ...fonts]);
createRoot(document.getElementById("root")).render(<App given={given} />);
