/** Where the page is, in the address: `#/signals?tab=open`, `#/signals/{id}?tab=open`. */

import { useEffect, useState } from "preact/hooks";

import { TABS, type Tab } from "./store";

export interface Route {
  readonly page: "signals";
  readonly tab: Tab;
  /** The signal whose detail is open. */
  readonly id: string | null;
}

/** Read the address; whatever it does not know is the signals page. */
export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [, id = ""] = path.split("/");
  const tab = TABS.find((name) => name === new URLSearchParams(query).get("tab")) ?? "all";
  return { page: "signals", tab, id: id === "" ? null : decoded(id) };
}

export function href(route: Route): string {
  const path = route.id === null ? "" : `/${encodeURIComponent(route.id)}`;
  return `#/${route.page}${path}${route.tab === "all" ? "" : `?tab=${route.tab}`}`;
}

export function go(route: Route): void {
  window.location.hash = href(route);
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(window.location.hash));
  useEffect(() => {
    const changed = () => setRoute(readRoute(window.location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a broken escape is an id that does not exist, no more
  }
}
