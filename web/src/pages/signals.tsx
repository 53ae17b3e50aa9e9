/** The signals: tabs, filters, the table or what stands in its place, and the open detail. */

import { useEffect, useMemo, useState } from "preact/hooks";

import { Detail } from "../components/detail/detail";
import { fetchTotals, isOf } from "../api/totals";
import { Empty, Failed, Skeleton } from "../components/placeholders";
import { SignalsTable } from "../components/signals_table";
import { Tabs } from "../components/tabs";
import { Toolbar } from "../components/toolbar";
import { midnight } from "../format";
import { useKeys } from "../keys";
import { beginning, EVERYTHING, floorOf, keyOf, TABS, whole, type Tab } from "../listing";
import type { Load } from "../listing";
import { PAGE_SIZE } from "../loader";
import { DEFAULT_VIEW, go, signalsRoute, turn, type View } from "../route";
import { narrowed, sorted, underTab } from "../rows";
import { useResource } from "../resource";
import type { Signal } from "../signal";
import { MAX_SIGNALS } from "../store";
import type { PageProps } from "./page";

interface Props extends PageProps {
  id: string | null;
  view: View;
}

/** How many rows a tab has, null before any came; and whether there may be more on the server. */
export interface Count {
  readonly n: number | null;
  readonly whole: boolean;
}

export function SignalsPage(props: Props) {
  const { state, view, id, live, dispatch, preferences } = props;
  const from = beginning(view.period, props.now, (ms) => midnight(ms, preferences.zone));
  const found = useFound(props, from);
  const [shown, setShown] = useState(PAGE_SIZE);
  const listing = useListing(props, from);
  const list = found.rows.slice(0, shown);
  const counts = useCounts(props, found.counts);
  const turnTo = (next: Partial<View>) => {
    dispatch({ type: "all_calmed" }); // a highlight tells of now, not of the next view
    turn(signalsRoute({ ...view, ...next }, id));
  };
  const choose = (tab: Tab) => {
    dispatch({ type: "all_calmed" });
    go(signalsRoute({ ...view, tab }));
  };
  useRowKeys(preferences.keys, list, id, view);
  return (
    <main class="page">
      <h1 class="unseen">Signals</h1>
      <Tabs chosen={view.tab} counts={counts} onChoose={choose} />
      <Toolbar
        view={view}
        symbols={symbolsOf(props)}
        searching={props.searching && id === null}
        onSearching={props.onSearching}
        onChange={turnTo}
      />
      {listing.load.state === "error" && (
        <Failed message={listing.load.message} onRetry={() => live.load(listing.ask, from)} />
      )}
      <section id="signals" role="tabpanel" aria-labelledby={`tab-${view.tab}`}>
        {found.rows.length > 0 ? (
          <SignalsTable
            signals={list}
            fresh={state.fresh}
            zone={preferences.zone}
            market={props.market}
            view={view}
            prices={found.prices}
            onSort={(sort) => turnTo({ sort })}
            onCalm={(calm) => dispatch({ type: "calmed", id: calm })}
          />
        ) : listing.load.state === "loading" ? (
          <Skeleton />
        ) : (
          listing.load.state === "ready" && (
            <Empty
              view={view}
              symbols={state.status?.symbols ?? null}
              onClear={() => turnTo({ ...DEFAULT_VIEW, tab: view.tab })}
            />
          )
        )}
      </section>
      {(found.rows.length > shown || listing.cursor !== null) && (
        <Older
          load={listing.older}
          onClick={() => {
            const { cursor } = listing;
            if (found.rows.length <= shown && cursor !== null)
              live.loadOlder(listing.ask, from, cursor);
            setShown(shown + PAGE_SIZE);
          }}
        />
      )}
      {id !== null && (
        <Detail {...props} id={id} prices={found.prices} onClose={() => go(signalsRoute(view))} />
      )}
    </main>
  );
}

const NO_PRICES: ReadonlyMap<string, number> = new Map();

/** The rows of this view, and each tab's count under the same filters. */
function useFound({ state, rows, view, now }: Props, from: number | null) {
  const prices = state.status?.prices ?? NO_PRICES;
  const { symbol, direction, period, search } = view;
  const tabs = useMemo(() => {
    const loaded = state.listings.get(keyOf(EVERYTHING))?.load.state === "ready";
    const all = narrowed(rows, { symbol, direction, from, search });
    const tab = (name: Tab) => {
      const ask = { tab: name, symbol, direction, period };
      const floor = floorOf(state.listings, ask);
      const under = underTab(all, name).filter((signal) => signal.close_time >= floor);
      const n = loaded || under.length > 0 ? under.length : null;
      return { rows: under, n, whole: !loaded || whole(state.listings, ask) };
    };
    return new Map(TABS.map((name) => [name, tab(name)]));
  }, [rows, state.listings, symbol, direction, period, search, period === "all" ? 0 : now]);
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

/**
 * Where only the newest rows are at hand, the counts of all there are, as the server keeps them. It
 * keeps them by policy and market: they count while the rows at hand are of one, and it is theirs.
 */
function useCounts(
  { rows, view, live }: Props,
  loaded: Readonly<Record<Tab, Count>>,
): Readonly<Record<Tab, Count>> {
  const { symbol, direction, period, search } = view;
  const all = symbol === null && direction === null && period === "all" && search === "";
  const wanted = all && !loaded.all.whole;
  const totals = useResource(
    wanted ? "totals" : null,
    (cancel) => fetchTotals(live.client, cancel),
    TOTALS_EVERY_MS,
  ).value;
  return useMemo(() => {
    if (!wanted || totals === null || !rows.every((row) => isOf(totals, row))) return loaded;
    const told = (tab: Tab) => {
      const { n, whole } = loaded[tab];
      return whole ? loaded[tab] : { n: Math.max(n ?? 0, totals.counts[tab]), whole: true };
    };
    return Object.fromEntries(TABS.map((tab) => [tab, told(tab)])) as Record<Tab, Count>;
  }, [wanted, totals, rows, loaded]);
}

const TOTALS_EVERY_MS = 15_000;

/** This view's own pages; they are asked for when no broader listing has all of its rows. */
function useListing({ state, rows, view, live }: Props, from: number | null) {
  const { tab, symbol, direction, period } = view;
  const ask = { tab, symbol, direction, period };
  const everything = state.listings.get(keyOf(EVERYTHING));
  const own = state.listings.get(keyOf(ask));
  const complete = whole(state.listings, ask);
  const wanted = own === undefined && !complete && everything?.load.state === "ready";
  useEffect(() => {
    if (wanted) live.load(ask, from);
  }, [wanted, keyOf(ask)]);
  const load: Load = own?.load ?? (complete ? READY : (everything?.load ?? LOADING));
  const more = !complete && rows.length < MAX_SIGNALS;
  return {
    ask,
    load: wanted ? LOADING : load,
    older: own?.older ?? READY,
    cursor: more ? (own?.cursor ?? null) : null,
  };
}

const READY: Load = { state: "ready" };
const LOADING: Load = { state: "loading" };

function symbolsOf({ state, rows }: Pick<Props, "state" | "rows">): readonly string[] {
  const followed = state.status === null ? [] : [...state.status.prices.keys()];
  return [...new Set([...followed, ...rows.map((signal) => signal.symbol)])].sort();
}

/** j and k move the focus between rows; in the open detail they turn to the next signal. */
function useRowKeys(
  enabled: boolean,
  list: readonly Signal[],
  id: string | null,
  view: View,
): void {
  const step = (by: 1 | -1) => {
    if (id !== null) {
      const next = list[list.findIndex((signal) => signal.id === id) + by];
      if (next !== undefined) turn(signalsRoute(view, next.id));
      return;
    }
    const links = [...document.querySelectorAll<HTMLElement>("#signals .row a")];
    const at = links.findIndex((link) => link === document.activeElement);
    const to = at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by));
    links[to]?.focus();
  };
  useKeys(enabled, { j: () => step(1), k: () => step(-1) });
}

function Older({ load, onClick }: { load: Load; onClick: () => void }) {
  return (
    <p class="older">
      <button class="button" type="button" disabled={load.state === "loading"} onClick={onClick}>
        {load.state === "loading" ? "Loading…" : "Show older signals"}
      </button>
      {load.state === "error" && <span class="warning"> {load.message}</span>}
    </p>
  );
}
