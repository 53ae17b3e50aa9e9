/**
 * Where the page is, in the address: `#/`, `#/signals/{id}?tab=open&symbol=BTCUSDT`,
 * `#/performance?days=7`. What equals the default is left out, so addresses stay short.
 */

import { useEffect, useState } from "preact/hooks";

import { PERIODS, TABS, type Ask } from "./listing";
import { choice } from "./read";
import { COLUMNS, NEWEST_FIRST, type Sort } from "./rows";

/** What the signals page shows. */
export interface View extends Ask {
  readonly search: string;
  readonly sort: Sort;
}

/** What the performance page shows; null is the server's choice. */
export interface Study {
  readonly days: number;
  readonly symbol: string | null;
  readonly policy: string | null;
  readonly market: string | null;
}

export type Route =
  | { readonly page: "overview" | "dashboard" | "chat" }
  | { readonly page: "signals"; readonly id: string | null; readonly view: View }
  | { readonly page: "performance"; readonly study: Study };

export type PageName = Route["page"];

export const DEFAULT_VIEW: View = {
  tab: "all",
  symbol: null,
  direction: null,
  period: "all",
  search: "",
  sort: NEWEST_FIRST,
};
export const DAYS = [1, 7, 30, 90] as const;
export const DEFAULT_STUDY: Study = { days: 30, symbol: null, policy: null, market: null };

/** Read the address; whatever it does not know is the overview. */
export function readRoute(hash: string): Route {
  const [path = "", asked = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page = "", id = ""] = path.split("/");
  const query = new URLSearchParams(asked);
  switch (page) {
    case "signals":
      return { page, id: id === "" ? null : decoded(id), view: readView(query) };
    case "performance":
      return { page, study: readStudy(query) };
    case "dashboard":
    case "chat":
      return { page };
    default:
      return { page: "overview" };
  }
}

function readView(query: URLSearchParams): View {
  return {
    tab: choice(query.get("tab"), TABS) ?? "all",
    symbol: query.get("symbol") || null,
    direction: choice(query.get("direction"), ["long", "short"]),
    period: choice(query.get("period"), PERIODS) ?? "all",
    search: query.get("q") ?? "",
    sort: readSort(query.get("sort")),
  };
}

/** `score` is ascending, `-score` descending. */
function readSort(text: string | null): Sort {
  const column = choice(text?.replace(/^-/, ""), COLUMNS);
  return column === null ? NEWEST_FIRST : { column, descending: text?.startsWith("-") ?? false };
}

function readStudy(query: URLSearchParams): Study {
  return {
    days: DAYS.find((days) => String(days) === query.get("days")) ?? DEFAULT_STUDY.days,
    symbol: query.get("symbol") || null,
    policy: query.get("policy") || null,
    market: query.get("market") || null,
  };
}

export function href(route: Route): string {
  switch (route.page) {
    case "overview":
      return "#/";
    case "signals": {
      const id = route.id === null ? "" : `/${encodeURIComponent(route.id)}`;
      return `#/signals${id}${written(viewQuery(route.view))}`;
    }
    case "performance":
      return `#/performance${written(studyQuery(route.study))}`;
    default:
      return `#/${route.page}`;
  }
}

function viewQuery({ tab, symbol, direction, period, search, sort }: View) {
  const newest = sort.column === NEWEST_FIRST.column && sort.descending;
  return {
    tab: tab === "all" ? null : tab,
    symbol,
    direction,
    period: period === "all" ? null : period,
    q: search || null,
    sort: newest ? null : `${sort.descending ? "-" : ""}${sort.column}`,
  };
}

function studyQuery({ days, ...rest }: Study) {
  return { days: days === DEFAULT_STUDY.days ? null : String(days), ...rest };
}

function written(query: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

export function go(route: Route): void {
  window.location.hash = href(route);
}

/** As `go`, but leaving no step for the browser's back button: for typing and switching. */
export function turn(route: Route): void {
  window.location.replace(href(route));
}

export function signalsRoute(view: Partial<View> = {}, id: string | null = null): Route {
  return { page: "signals", id, view: { ...DEFAULT_VIEW, ...view } };
}

/** Whether more than the tab narrows a view. */
export function isNarrowed({ symbol, direction, period, search }: View): boolean {
  return symbol !== null || direction !== null || period !== "all" || search !== "";
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
