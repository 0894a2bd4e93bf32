// Grafana's icons are fetched when they are first shown; here all of them are known before that.
import { cacheStore } from "react-inlinesvg";
import icons from "icons:all";

for (const [name, content] of Object.entries(icons)) {
  cacheStore.set(`public/build/img/icons/unicons/${name}.svg`, { content, status: "loaded" });
}
