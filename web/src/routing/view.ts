/** What the signals page shows, as its address holds it; default values are left out. */

import { PERIODS, TABS, type Filter } from "../state/listing";
import { COLUMNS, NEWEST_FIRST, type Sort } from "../state/rows";
import { choice } from "../values/json";
import { href } from "./address";

export const SIGNALS_PATH = "signals";

export interface View extends Filter {
  readonly search: string;
  readonly sort: Sort;
}

export const DEFAULT_VIEW: View = {
  tab: "all",
  symbol: null,
  direction: null,
  period: "all",
  strategy: null,
  search: "",
  sort: NEWEST_FIRST,
};

/** Read a view; unknown values are replaced by their defaults. */
export function readView(query: URLSearchParams): View {
  return {
    tab: choice(query.get("tab"), TABS) ?? "all",
    symbol: query.get("symbol") || null,
    direction: choice(query.get("direction"), ["long", "short"]),
    period: choice(query.get("period"), PERIODS) ?? "all",
    strategy: query.get("strategy") || null,
    search: query.get("q") ?? "",
    sort: readSort(query.get("sort")),
  };
}

/** `score` is ascending, `-score` descending. */
function readSort(text: string | null): Sort {
  const column = choice(text?.replace(/^-/, ""), COLUMNS);
  return column === null ? NEWEST_FIRST : { column, descending: text?.startsWith("-") ?? false };
}

/** The link to a view of the signals, and to a signal opened on it. */
export function signalsHref(view: Partial<View> = {}, id: string | null = null): string {
  const { tab, symbol, direction, period, strategy, search, sort } = { ...DEFAULT_VIEW, ...view };
  const newest = sort.column === NEWEST_FIRST.column && sort.descending;
  const query = {
    tab: tab === "all" ? null : tab,
    symbol,
    direction,
    period: period === "all" ? null : period,
    strategy,
    q: search || null,
    sort: newest ? null : `${sort.descending ? "-" : ""}${sort.column}`,
  };
  return href(SIGNALS_PATH, query, id);
}

/** Whether a view has any filter besides its tab. */
export function isNarrowed({ symbol, direction, period, strategy, search }: View): boolean {
  const chosen = symbol !== null || direction !== null || strategy !== null;
  return chosen || period !== "all" || search !== "";
}
