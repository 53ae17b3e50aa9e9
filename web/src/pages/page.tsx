/** The page that the address names. */

import type { Dispatch } from "preact/hooks";

import type { Config } from "../config";
import type { Live } from "../live";
import type { Preferences } from "../preferences";
import type { Route } from "../route";
import type { Market, Signal } from "../signal";
import type { Action, State } from "../store";
import { ChatPage } from "./chat";
import { DashboardPage } from "./dashboard";
import { OverviewPage } from "./overview";
import { PerformancePage } from "./performance";
import { SignalsPage } from "./signals";

/** What every page may use. */
export interface PageProps {
  config: Config;
  state: State;
  /** All signals at hand, newest first. */
  rows: readonly Signal[];
  /** The market's time, ms. */
  now: number;
  market: Market | null;
  preferences: Preferences;
  live: Live;
  /** Someone pressed the key for the search; whoever has one takes the focus and says so. */
  searching: boolean;
  onSearching: () => void;
  dispatch: Dispatch<Action>;
}

export function Page({ route, ...props }: PageProps & { route: Route }) {
  switch (route.page) {
    case "overview":
      return <OverviewPage {...props} />;
    case "signals":
      return <SignalsPage {...props} id={route.id} view={route.view} />;
    case "performance":
      return <PerformancePage {...props} study={route.study} />;
    case "dashboard":
      return <DashboardPage {...props} />;
    case "chat":
      return <ChatPage {...props} />;
  }
}
