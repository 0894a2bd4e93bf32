// Write the page without its answers: node build.mjs PAGE. Everything is inlined, so that the page needs no network.
import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const nothing = join(here, "src/offline/nothing.cjs");

const leaveOut = {
  name: "leave-out",
  setup({ onResolve }) {
    // A code editor and maps: two thirds of the bundle, and no board uses them.
    onResolve({ filter: /^(monaco-editor|@monaco-editor\/react|ol)(\/|$)/ }, () => ({ path: nothing }));
    // Boards show UTC only (docs/dashboards.md), and the table of time zones is the second largest part of the bundle.
    onResolve({ filter: /data\/packed\/latest\.json$/ }, () => ({ path: join(here, "src/offline/zones.json") }));
    // Grafana fetches its fonts from its server; this page contains them.
    onResolve({ filter: /^\.\/fonts\.mjs$/ }, ({ importer }) =>
      importer.endsWith("GlobalStyles.mjs") ? { path: join(here, "src/offline/noFonts.js") } : undefined);
  },
};

// The module "icons:all": the SVG files of @grafana/ui by name.
const icons = {
  name: "icons",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^icons:all$/ }, () => ({ path: "all", namespace: "icons" }));
    onLoad({ filter: /.*/, namespace: "icons" }, () => {
      const root = join(dirname(require.resolve("@grafana/ui/package.json")), "dist/public/img/icons/unicons");
      const files = readdirSync(root).filter((name) => name.endsWith(".svg"));
      const contents = files.map((name) => [basename(name, ".svg"), readFileSync(join(root, name), "utf-8")]);
      return { contents: JSON.stringify(Object.fromEntries(contents)), loader: "json" };
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [join(here, "src/main.jsx")],
  outfile: "preview.js",
  write: false,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".woff2": "dataurl" },
  plugins: [leaveOut, icons],
  logLevel: "error",
});
const outputOf = (kind) => outputFiles.find(({ path }) => path.endsWith(kind)).text;
const page = readFileSync(join(here, "src/page.html"), "utf-8")
  // Functions, because replace() would interpret dollar signs in a text.
  .replace("/* style */", () => outputOf(".css"))
  .replace("/* script */", () => outputOf(".js"));
writeFileSync(process.argv[2], page);
