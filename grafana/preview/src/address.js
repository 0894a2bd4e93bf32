// The chosen board, period, café and theme, kept in the address's fragment: #cafe-overview?period=30&cafe=Leeds&theme=light
import { useEffect, useState } from "react";

const read = () => {
  const [board, query] = window.location.hash.slice(1).split("?");
  return { board: decodeURIComponent(board), ...Object.fromEntries(new URLSearchParams(query)) };
};

const format = ({ board, ...choices }) => `#${encodeURIComponent(board)}?${new URLSearchParams(choices)}`;

/** The address as an object, and a function that changes parts of it. */
export function useAddress() {
  const [address, setAddress] = useState(read);
  useEffect(() => {
    const follow = () => setAddress(read());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return [address, (changes) => window.location.assign(format({ ...address, ...changes }))];
}

/** Follow links between boards inside this page. The links contain a Grafana server's paths. */
export function followBoardLinks(change) {
  return (event) => {
    const path = event.target.closest?.("a")?.getAttribute("href") ?? "";
    const link = /^\/d\/([\w-]+)[^?]*(?:\?(.*))?$/.exec(path);
    if (link) {
      event.preventDefault();
      const cafe = new URLSearchParams(link[2]).get("var-cafe");
      change({ board: link[1], ...(cafe === null ? {} : { cafe }) });
    }
  };
}
