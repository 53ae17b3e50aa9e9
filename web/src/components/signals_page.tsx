/** The signals: tabs, the table or what stands in its place, older ones, and the open detail. */

import type { Dispatch } from "preact/hooks";
import { useState } from "preact/hooks";

import type { Zone } from "../format";
import { PAGE_SIZE, type Live } from "../live";
import { go, type Route } from "../route";
import type { Market, Signal } from "../signal";
import { belongs, MAX_SIGNALS, type Action, type State, type Tab } from "../store";
import { Detail } from "./detail";
import { Empty, Failed, Skeleton } from "./placeholders";
import { SignalsTable } from "./signals_table";
import { Tabs } from "./tabs";

interface Props {
  state: State;
  rows: readonly Signal[];
  counts: Readonly<Record<Tab, number>>;
  route: Route;
  zone: Zone;
  market: Market | null;
  dispatch: Dispatch<Action>;
  live: Live | null;
}

export function SignalsPage(props: Props) {
  const { state, route, live, dispatch } = props;
  const choose = (tab: Tab) => {
    dispatch({ type: "all_calmed" }); // a highlight tells of now, not of the next tab
    go({ ...route, tab });
  };
  return (
    <main class="page">
      <h1 class="unseen">Signals</h1>
      <Tabs chosen={route.tab} counts={props.counts} onChoose={choose} />
      {state.load.state === "error" && (
        <Failed message={state.load.message} onRetry={() => live?.reload()} />
      )}
      <section id="signals" role="tabpanel" aria-labelledby={`tab-${route.tab}`}>
        <Rows {...props} />
      </section>
      {route.id !== null && (
        <Detail
          signal={state.signals.get(route.id)}
          loading={state.load.state === "loading"}
          zone={props.zone}
          onClose={() => go({ ...route, id: null })}
        />
      )}
    </main>
  );
}

function Rows({ state, rows, route, zone, market, dispatch, live }: Props) {
  const [shown, setShown] = useState(PAGE_SIZE);
  const matching = rows.filter((signal) => belongs(signal, route.tab));
  const cursor = rows.length < MAX_SIGNALS ? state.olderCursor : null;
  const older = () => {
    if (matching.length <= shown && cursor !== null) live?.loadOlder(cursor);
    setShown(shown + PAGE_SIZE);
  };
  if (rows.length === 0 && state.load.state === "loading") return <Skeleton />;
  if (rows.length === 0 && state.load.state === "error") return null;
  return (
    <>
      {matching.length === 0 ? (
        <Empty tab={route.tab} symbols={state.status?.symbols ?? null} />
      ) : (
        <SignalsTable
          signals={matching.slice(0, shown)}
          fresh={state.fresh}
          zone={zone}
          market={market}
          route={route}
          onCalm={(id) => dispatch({ type: "calmed", id })}
        />
      )}
      {(matching.length > shown || cursor !== null) && <Older load={state.older} onClick={older} />}
    </>
  );
}

function Older({ load, onClick }: { load: State["older"]; onClick: () => void }) {
  return (
    <p class="older">
      <button class="button" type="button" disabled={load.state === "loading"} onClick={onClick}>
        {load.state === "loading" ? "Loading…" : "Show older signals"}
      </button>
      {load.state === "error" && <span class="warning"> {load.message}</span>}
    </p>
  );
}
