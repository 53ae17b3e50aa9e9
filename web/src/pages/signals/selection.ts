/** The rows and counts of a view, from the loaded signals and from the server. */

import { useEffect, useMemo } from "preact/hooks";

import { fetchTotals, isOf, type Totals } from "../../api/totals";
import { isNarrowed, type View } from "../../routing/view";
import { floorOf, keyOf, NO_FILTER, TABS, whole } from "../../state/listing";
import type { Load, Tab } from "../../state/listing";
import { useResource } from "../../state/resource";
import { filtered, sorted, underTab, type Stars } from "../../state/rows";
import { MAX_SIGNALS } from "../../state/store";
import type { Signal } from "../../values/signal";
import type { PageProps } from "../props";

export interface ViewProps extends Pick<
  PageProps,
  "state" | "rows" | "now" | "live" | "preferences"
> {
  view: View;
}

/** The number of rows of a tab, null before any load; not `whole`: the server may have more. */
export interface Count {
  readonly n: number | null;
  readonly whole: boolean;
}

export type Counts = Readonly<Record<Tab, Count>>;

const TOTALS_EVERY_MS = 15_000;

/** The loaded rows of a view in its order, and each tab's count under the same filters. */
export function useSelection(props: ViewProps, from: number | null) {
  const { state, rows, view, now } = props;
  const prices = state.quotes.prices;
  const stars = useStars(props);
  const { symbol, direction, period, strategy, search } = view;
  const tabs = useMemo(() => {
    const loaded = state.listings.get(keyOf(NO_FILTER))?.load.state === "ready";
    const all = filtered(rows, { ...view, from, stars });
    const tab = (name: Tab) => {
      const filter = { tab: name, symbol, direction, period, strategy };
      const floor = floorOf(state.listings, filter);
      const under = underTab(all, name).filter((signal) => signal.close_time >= floor);
      const n = loaded || under.length > 0 ? under.length : null;
      return { rows: under, n, whole: !loaded || whole(state.listings, filter) };
    };
    return new Map(TABS.map((name) => [name, tab(name)]));
  }, [
    rows,
    state.listings,
    symbol,
    direction,
    period,
    strategy,
    search,
    view.scores,
    view.rewards,
    stars,
    period === "all" ? 0 : now,
  ]);
  const counts = Object.fromEntries(
    [...tabs].map(([name, tab]) => [name, { n: tab.n, whole: tab.whole }]),
  ) as Record<Tab, Count>;
  const chosen = tabs.get(view.tab)?.rows ?? [];
  const { column, descending } = view.sort;
  const ordered = useMemo(
    () => sorted(chosen, { column, descending }, prices),
    [chosen, column, descending, column === "pnl" ? prices : null],
  );
  return { rows: ordered, counts, prices };
}

/** What is starred, where the view is of that alone. */
function useStars({ view, preferences }: ViewProps): Stars | null {
  const { starredSymbols, starredSignals } = preferences;
  return useMemo(
    () =>
      view.starred ? { symbols: new Set(starredSymbols), signals: new Set(starredSignals) } : null,
    [view.starred, starredSymbols, starredSignals],
  );
}

/** The counts of a view; where only the newest rows are loaded, the server's totals. */
export function useCounts({ rows, view, live }: ViewProps, loaded: Counts): Counts {
  const wanted = !isNarrowed(view) && !loaded.all.whole;
  const totals = useResource(
    wanted ? "totals" : null,
    (cancel) => fetchTotals(live.client, cancel),
    TOTALS_EVERY_MS,
  ).value;
  return useMemo(
    () => (wanted && totals !== null ? completed(loaded, totals, rows) : loaded),
    [wanted, totals, rows, loaded],
  );
}

/**
 * Counts with the totals where they are not whole. Totals are of one policy and one market: they
 * apply only when all loaded rows are of these.
 */
export function completed(loaded: Counts, totals: Totals, rows: readonly Signal[]): Counts {
  if (!rows.every((row) => isOf(totals, row))) return loaded;
  const count = (tab: Tab) => {
    const { n, whole } = loaded[tab];
    return whole ? loaded[tab] : { n: Math.max(n ?? 0, totals.counts[tab]), whole: true };
  };
  return Object.fromEntries(TABS.map((tab) => [tab, count(tab)])) as Record<Tab, Count>;
}

/** The view's own pages; they are loaded when no broader listing has all of its rows. */
export function useListing({ state, rows, view, live }: ViewProps, from: number | null) {
  const { tab, symbol, direction, period, strategy } = view;
  const filter = { tab, symbol, direction, period, strategy };
  const unfiltered = state.listings.get(keyOf(NO_FILTER));
  const own = state.listings.get(keyOf(filter));
  const complete = whole(state.listings, filter);
  const wanted = own === undefined && !complete && unfiltered?.load.state === "ready";
  useEffect(() => {
    if (wanted) live.load(filter, from);
  }, [wanted, keyOf(filter)]);
  const load: Load = own?.load ?? (complete ? READY : (unfiltered?.load ?? LOADING));
  const more = !complete && rows.length < MAX_SIGNALS;
  return {
    filter,
    load: wanted ? LOADING : load,
    older: own?.older ?? READY,
    cursor: more ? (own?.cursor ?? null) : null,
  };
}

const READY: Load = { state: "ready" };
const LOADING: Load = { state: "loading" };
