/** The frame around the pages, and the state they share. */

import { useEffect, useMemo, useReducer, useState } from "preact/hooks";

import type { Config } from "./api/config";
import { useKeys } from "./browser/keys";
import { Announcer } from "./frame/announcer";
import { Footer } from "./frame/footer";
import { Header } from "./frame/header";
import { Help } from "./frame/help";
import { MarketBanner } from "./frame/market";
import { useNotifications } from "./frame/notifications";
import { PageSlot } from "./frame/page_slot";
import { ReachedAlerts } from "./frame/price_alerts";
import { usePrefetch } from "./frame/prefetch";
import { Settings } from "./frame/settings";
import { SoundNotice } from "./frame/preferences/sounds";
import { UnknownPage } from "./frame/unknown_page";
import { UpdateNotice } from "./frame/update_notice";
import { isPage, LISTED, pageAt } from "./pages/registry";
import { go, href, useAddress } from "./routing/address";
import { useLinks } from "./routing/links";
import { readView, SIGNALS_PATH, signalsHref } from "./routing/view";
import { startLive, type Live } from "./state/live";
import { usePreferences } from "./state/preferences";
import { newestFirst, published } from "./state/rows";
import { INITIAL, isDated, market, marketTime, reduce } from "./state/store";
import { t } from "./text/catalogue";

export function App({ config }: { config: Config }) {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const [live, setLive] = useState<Live | null>(null);
  const [dialog, setDialog] = useState<"settings" | "help" | null>(null);
  const [searching, setSearching] = useState(false);
  const preferences = usePreferences();
  const address = useAddress();
  const page = pageAt(address.page);
  const rows = useMemo(() => published(newestFirst(state.signals)), [state.signals]);
  const open = useMemo(() => rows.filter((row) => row.status === "open").length, [rows]);
  const current = market(state, config.market, rows[0]);
  const now = marketTime(state, rows[0]);

  useEffect(() => {
    const started = startLive(config, dispatch);
    setLive(started);
    return () => started.stop();
  }, [config]);

  useEffect(() => {
    document.title = `${open > 0 ? `${t("frame.openCount", { count: open })} ` : ""}${t(page.title)} · SignalEngine`;
  }, [open, page, preferences.language]);

  useLinks(isPage);
  usePrefetch();
  useNotifications(state, preferences, now);
  useKeys(preferences.keys && dialog === null, {
    "?": () => setDialog("help"),
    "/": () => {
      setSearching(true);
      if (page.path !== SIGNALS_PATH) go(signalsHref());
      else if (address.id !== null) go(signalsHref(readView(address.query)));
    },
    u: () => preferences.set("zone", preferences.zone === "utc" ? "local" : "utc"),
    t: () => preferences.set("theme", preferences.theme === "dark" ? "light" : "dark"),
    ...Object.fromEntries(LISTED.map(({ key, path }) => [key, () => go(href(path))])),
  });

  return (
    <>
      <MarketBanner market={current} time={state.status?.time ?? null} zone={preferences.zone} />
      <Header
        config={config}
        state={state}
        market={current}
        page={page}
        preferences={preferences}
        onReconnect={() => live?.reconnect()}
        onSettings={() => setDialog("settings")}
      />
      {state.refused && (
        <p class="banner refused" role="alert">
          {t("frame.tokenNeeded")}{" "}
          <button class="button small" type="button" onClick={() => setDialog("settings")}>
            {t("frame.enterToken")}
          </button>
        </p>
      )}
      <UpdateNotice />
      <SoundNotice preferences={preferences} />
      {live !== null && <ReachedAlerts client={live.client} now={now} />}
      {!isPage(address.page) && <UnknownPage path={address.page} />}
      {live === null ? (
        <main class="page coming" />
      ) : (
        <PageSlot
          page={page}
          address={address}
          config={config}
          state={state}
          rows={rows}
          now={now}
          dated={isDated(state, current, rows[0])}
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
          config={config}
          preferences={preferences}
          refused={state.refused}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "help" && <Help enabled={preferences.keys} onClose={() => setDialog(null)} />}
    </>
  );
}
