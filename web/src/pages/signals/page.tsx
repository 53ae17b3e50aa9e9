/** The signals page: tabs, filters, the table or its placeholder, and the open signal. */

import type { RefObject } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";

import { fetchStrategies } from "../../api/strategies";
import { useKeys } from "../../browser/keys";
import { Failed } from "../../components/failed";
import { currentAddress, go, replace } from "../../routing/address";
import { DEFAULT_VIEW, readView, signalsHref, type View } from "../../routing/view";
import { beginning, type Load, type Tab } from "../../state/listing";
import { useResource } from "../../state/resource";
import { newestFirst } from "../../state/rows";
import { t } from "../../text/catalogue";
import { midnight } from "../../values/format";
import type { Signal } from "../../values/signal";
import { findSymbol } from "../../values/symbol";
import type { PageProps } from "../props";
import { Clock } from "./actions/progress";
import { Detail } from "./detail/detail";
import { FiltersDialog } from "./filters/dialog";
import { Empty, RowsSkeleton } from "./placeholders";
import { useCounts, useListing, useSelection, type ViewProps } from "./selection";
import { SignalsTable } from "./table";
import { Tabs } from "./tabs";
import { Toolbar } from "./toolbar";

const STRATEGIES_EVERY_MS = 60_000;

export function SignalsPage(props: PageProps) {
  const { address } = props;
  const written = useMemo(() => readView(address.query), [address]);
  const symbol = symbolOf(written.symbol, symbolsOf(props));
  const view = useMemo(() => ({ ...written, symbol }), [written, symbol]);
  const { signals } = props.state;
  const all = useMemo(
    () => (view.strategy === null ? props.rows : newestFirst(signals)),
    [props.rows, view.strategy === null ? null : signals],
  );
  return <Signals {...props} rows={all} id={address.id} view={view} />;
}

type Props = PageProps & ViewProps & { id: string | null };

function Signals(props: Props) {
  const { state, view, id, live, dispatch, preferences } = props;
  const from = beginning(view.period, props.now, (ms) => midnight(ms, preferences.zone));
  const selection = useSelection(props, from);
  const focusing = useRef<((id: string) => void) | null>(null);
  const [choosing, setChoosing] = useState(false);
  const listing = useListing(props, from);
  const counts = useCounts(props, selection.counts);
  const change = (next: Partial<View>) => {
    dispatch({ type: "highlights_cleared" }); // another view must not highlight earlier changes
    replace(signalsHref({ ...readView(currentAddress().query), name: null, ...next }, id));
  };
  const choose = (tab: Tab) => {
    dispatch({ type: "highlights_cleared" });
    go(signalsHref({ ...view, tab }));
  };
  useRowKeys(preferences.keys, selection.rows, id, view, focusing);
  return (
    <Clock.Provider value={state.clock}>
      <main class="page">
        <h1 class="unseen">{props.title}</h1>
        <Tabs chosen={view.tab} counts={counts} onChoose={choose} />
        <Toolbar
          view={view}
          symbols={symbolsOf(props)}
          strategies={useStrategies(props)}
          searching={props.searching && id === null}
          filters={preferences.filters}
          onSearching={props.onSearching}
          onChange={change}
          onMore={() => setChoosing(true)}
        />
        {listing.load.state === "error" && (
          <Failed message={listing.load.message} onRetry={() => live.load(listing.filter, from)} />
        )}
        <section id="signals" role="tabpanel" aria-labelledby={`tab-${view.tab}`}>
          {selection.rows.length > 0 ? (
            <SignalsTable
              signals={selection.rows}
              highlights={state.highlights}
              zone={preferences.zone}
              market={props.market}
              view={view}
              preferences={preferences}
              prices={selection.prices}
              focusing={focusing}
              onSort={(sort) => change({ sort })}
              onHighlightEnd={(ended) => dispatch({ type: "highlight_ended", id: ended })}
            />
          ) : listing.load.state === "loading" ? (
            <RowsSkeleton starting={listing.load.starting === true} />
          ) : (
            listing.load.state === "ready" && (
              <Empty
                view={view}
                symbols={state.status?.symbols ?? null}
                known={symbolsOf(props)}
                onClear={() => change({ ...DEFAULT_VIEW, tab: view.tab })}
              />
            )
          )}
        </section>
        {listing.cursor !== null && (
          <Older
            load={listing.older}
            onClick={() =>
              listing.cursor !== null && live.loadOlder(listing.filter, from, listing.cursor)
            }
          />
        )}
        {choosing && (
          <FiltersDialog
            view={view}
            preferences={preferences}
            onChange={change}
            onClose={() => setChoosing(false)}
          />
        )}
        {id !== null && (
          <Detail
            {...props}
            id={id}
            prices={selection.prices}
            onClose={() => go(signalsHref(view))}
          />
        )}
      </main>
    </Clock.Provider>
  );
}

/** The symbols to choose from: the tracked ones, and those of the loaded signals. */
function symbolsOf({ state, rows }: Pick<Props, "state" | "rows">): readonly string[] {
  const tracked = state.status === null ? [] : [...state.status.prices.keys()];
  return [...new Set([...tracked, ...rows.map((signal) => signal.symbol)])].sort();
}

/** The names of the parameter sets to choose from; none while `classic` is alone. */
function useStrategies({ live }: Pick<Props, "live">): readonly string[] {
  const load = (cancel: AbortSignal) => fetchStrategies(live.client, cancel);
  const found = useResource("strategies", load, STRATEGIES_EVERY_MS).value?.strategies ?? [];
  return found.length > 1 ? found.map(({ name }) => name) : [];
}

/** The symbol of a link that people write: `btc/usdt` is BTCUSDT. */
function symbolOf(written: string | null, known: readonly string[]): string | null {
  return written === null ? null : (findSymbol(written, known)?.symbol ?? written);
}

/** j and k move the focus between rows; in an open signal they go to the next one. */
function useRowKeys(
  enabled: boolean,
  list: readonly Signal[],
  id: string | null,
  view: View,
  focusing: RefObject<((id: string) => void) | null>,
): void {
  const last = useRef<string | null>(null);
  const step = (by: 1 | -1) => {
    if (id !== null) {
      const next = list[list.findIndex((signal) => signal.id === id) + by];
      if (next !== undefined) replace(signalsHref(view, next.id));
      return;
    }
    const focused = document.activeElement;
    const row = focused?.closest<HTMLElement>("#signals .row");
    // A row that was scrolled away is not in the document, and the focus is nowhere.
    const from = row?.dataset["id"] ?? (focused === document.body ? last.current : null);
    const at = list.findIndex((signal) => signal.id === from);
    const next = list[at === -1 ? 0 : Math.min(list.length - 1, Math.max(0, at + by))];
    if (next === undefined) return;
    last.current = next.id;
    focusing.current?.(next.id);
  };
  useKeys(enabled, { j: () => step(1), k: () => step(-1) });
}

function Older({ load, onClick }: { load: Load; onClick: () => void }) {
  return (
    <p class="older">
      <button class="button" type="button" disabled={load.state === "loading"} onClick={onClick}>
        {load.state === "loading" ? t("signals.loadingOlder") : t("signals.showOlder")}
      </button>
      {load.state === "error" && <span class="warning"> {load.message}</span>}
    </p>
  );
}
