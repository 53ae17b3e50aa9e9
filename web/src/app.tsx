/** The frame around the pages, and the state they share. */

import { useEffect, useMemo, useReducer, useState } from "preact/hooks";

import { Announcer } from "./components/announcer";
import { Footer } from "./components/footer";
import { Header } from "./components/header";
import { Help } from "./components/help";
import { MarketBanner } from "./components/market";
import { PLACES } from "./components/nav";
import { Settings } from "./components/settings";
import { UpdateNotice } from "./components/update_notice";
import type { Config } from "./config";
import { useKeys } from "./keys";
import { startLive, type Live } from "./live";
import { useNotifications } from "./notify";
import { Page } from "./pages/page";
import { usePreferences } from "./preferences";
import { go, signalsRoute, useRoute } from "./route";
import { newestFirst } from "./rows";
import { INITIAL, market, marketTime, reduce } from "./store";

export function App({ config }: { config: Config }) {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const [live, setLive] = useState<Live | null>(null);
  const [dialog, setDialog] = useState<"settings" | "help" | null>(null);
  const [searching, setSearching] = useState(false);
  const preferences = usePreferences();
  const route = useRoute();
  const rows = useMemo(() => newestFirst(state.signals), [state.signals]);
  const open = useMemo(() => rows.filter((row) => row.status === "open").length, [rows]);
  const current = market(state, rows[0]);
  const now = marketTime(state, rows[0]);

  useEffect(() => {
    const started = startLive(config, dispatch);
    setLive(started);
    return () => started.stop();
  }, [config]);

  useEffect(() => {
    document.title = open > 0 ? `(${open} open) SignalEngine` : "SignalEngine";
  }, [open]);

  useNotifications(state, preferences, now);
  useKeys(preferences.keys && dialog === null, {
    "?": () => setDialog("help"),
    "/": () => {
      setSearching(true);
      if (route.page !== "signals") go(signalsRoute());
      else if (route.id !== null) go({ ...route, id: null });
    },
    u: () => preferences.set("zone", preferences.zone === "utc" ? "local" : "utc"),
    t: () => preferences.set("theme", preferences.theme === "dark" ? "light" : "dark"),
    ...Object.fromEntries(PLACES.map(({ route }, n) => [`${n + 1}`, () => go(route)])),
  });

  return (
    <>
      <MarketBanner market={current} time={state.status?.time ?? null} zone={preferences.zone} />
      <Header
        config={config}
        state={state}
        market={current}
        page={route.page}
        preferences={preferences}
        onReconnect={() => live?.reconnect()}
        onSettings={() => setDialog("settings")}
      />
      {state.refused && (
        <p class="banner refused" role="alert">
          The API asks for a token.{" "}
          <button class="button small" type="button" onClick={() => setDialog("settings")}>
            Enter it
          </button>
        </p>
      )}
      <UpdateNotice />
      {live !== null && (
        <Page
          route={route}
          config={config}
          state={state}
          rows={rows}
          now={now}
          market={current}
          preferences={preferences}
          live={live}
          searching={searching}
          onSearching={() => setSearching(false)}
          dispatch={dispatch}
        />
      )}
      <Footer config={config} state={state} zone={preferences.zone} />
      <Announcer state={state} />
      {dialog === "settings" && (
        <Settings
          preferences={preferences}
          refused={state.refused}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "help" && <Help enabled={preferences.keys} onClose={() => setDialog(null)} />}
    </>
  );
}
