/** The frame around the pages (one, so far) and the state they share. */

import { useEffect, useMemo, useReducer, useState } from "preact/hooks";

import { Announcer } from "./components/announcer";
import { Footer } from "./components/footer";
import { Header } from "./components/header";
import { MarketBanner } from "./components/market";
import { SignalsPage } from "./components/signals_page";
import type { Config } from "./config";
import { startLive, type Live } from "./live";
import { useTheme, useZone } from "./preferences";
import { useRoute } from "./route";
import { counts, INITIAL, market, newestFirst, reduce } from "./store";

export function App({ config }: { config: Config }) {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const [live, setLive] = useState<Live | null>(null);
  const [theme, setTheme] = useTheme();
  const [zone, setZone] = useZone();
  const route = useRoute();
  const rows = useMemo(() => newestFirst(state.signals), [state.signals]);
  const count = useMemo(() => counts(state.signals), [state.signals]);
  const current = market(state, rows[0]);

  useEffect(() => {
    const started = startLive(config, dispatch);
    setLive(started);
    return () => started.stop();
  }, [config]);

  useEffect(() => {
    document.title = count.open > 0 ? `(${count.open} open) SignalEngine` : "SignalEngine";
  }, [count.open]);

  return (
    <>
      <MarketBanner market={current} />
      <Header
        config={config}
        state={state}
        market={current}
        zone={zone}
        theme={theme}
        onZone={setZone}
        onTheme={setTheme}
        onReconnect={() => live?.reconnect()}
      />
      <SignalsPage
        state={state}
        rows={rows}
        counts={count}
        route={route}
        zone={zone}
        market={current}
        dispatch={dispatch}
        live={live}
      />
      <Footer config={config} state={state} zone={zone} />
      <Announcer state={state} />
    </>
  );
}
