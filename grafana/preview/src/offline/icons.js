// Grafana fetches an icon when it is first shown. This fills its cache with all icons before that.
import { cacheStore } from "react-inlinesvg";
import icons from "icons:all";

for (const [name, content] of Object.entries(icons)) {
  cacheStore.set(`public/build/img/icons/unicons/${name}.svg`, { content, status: "loaded" });
}
