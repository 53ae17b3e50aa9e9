/** What the signals page shows, as its address holds it; default values are left out. */

import { PERIODS, TABS, type Filter } from "../state/listing";
import { ANY, COLUMNS, NEWEST_FIRST, type Range, type Sort } from "../state/rows";
import { choice } from "../values/json";
import { href } from "./address";
import { oneLine } from "../values/one_line";

export const SIGNALS_PATH = "signals";

export interface View extends Filter {
  readonly search: string;
  readonly sort: Sort;
  /** Of the score, 0 to 1. */
  readonly scores: Range;
  /** Of the reward to risk, in R. */
  readonly rewards: Range;
  /** Only what is starred in this browser. */
  readonly starred: boolean;
  /** What somebody has called it; null: nothing. */
  readonly name: string | null;
}

export const DEFAULT_VIEW: View = {
  tab: "all",
  symbol: null,
  direction: null,
  period: "all",
  strategy: null,
  search: "",
  sort: NEWEST_FIRST,
  scores: ANY,
  rewards: ANY,
  starred: false,
  name: null,
};

/** Longer names of a link are not shown. */
const LONGEST_NAME = 60;

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
    scores: readRange(query.get("score")),
    rewards: readRange(query.get("reward")),
    starred: query.get("starred") === "1",
    name: oneLine(query.get("name") ?? "").slice(0, LONGEST_NAME) || null,
  };
}

/** `0.6~0.8`, `0.6~`, `~0.8`; anything else has no ends. */
export function readRange(text: string | null): Range {
  const [, from = "", to = ""] =
    /^(\d{1,6}(?:\.\d{1,6})?)?~(\d{1,6}(?:\.\d{1,6})?)?$/.exec(text ?? "") ?? [];
  return { from: from === "" ? null : Number(from), to: to === "" ? null : Number(to) };
}

function rangeText({ from, to }: Range): string | null {
  return from === null && to === null ? null : `${from ?? ""}~${to ?? ""}`;
}

/** `score` is ascending, `-score` descending. */
function readSort(text: string | null): Sort {
  const column = choice(text?.replace(/^-/, ""), COLUMNS);
  return column === null ? NEWEST_FIRST : { column, descending: text?.startsWith("-") ?? false };
}

/** The link to a view of the signals, and to a signal opened on it. */
export function signalsHref(view: Partial<View> = {}, id: string | null = null): string {
  const { tab, symbol, direction, period, strategy, search, sort, ...rest } = {
    ...DEFAULT_VIEW,
    ...view,
  };
  const newest = sort.column === NEWEST_FIRST.column && sort.descending;
  const query = {
    tab: tab === "all" ? null : tab,
    symbol,
    direction,
    period: period === "all" ? null : period,
    strategy,
    q: search || null,
    sort: newest ? null : `${sort.descending ? "-" : ""}${sort.column}`,
    score: rangeText(rest.scores),
    reward: rangeText(rest.rewards),
    starred: rest.starred ? "1" : null,
    name: rest.name,
  };
  return href(SIGNALS_PATH, query, id);
}

/** Whether a view has any filter besides its tab. */
export function isNarrowed(view: View): boolean {
  const { symbol, direction, period, strategy, search } = view;
  const chosen = symbol !== null || direction !== null || strategy !== null;
  return chosen || period !== "all" || search !== "" || isRanged(view);
}

/** Whether it has a filter that only the page applies, not the server. */
export function isRanged({ scores, rewards, starred }: View): boolean {
  return rangeText(scores) !== null || rangeText(rewards) !== null || starred;
}
