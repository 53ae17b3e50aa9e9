/** What every page receives. */

import type { Dispatch } from "preact/hooks";

import type { Config } from "../api/config";
import type { Address } from "../routing/address";
import type { Live } from "../state/live";
import type { Preferences } from "../state/preferences";
import type { Action, State } from "../state/store";
import type { Market, Signal } from "../values/signal";

export interface PageProps {
  /** The page's own title, from the registry. */
  title: string;
  address: Address;
  config: Config;
  state: State;
  /** All loaded signals that are published, newest first. */
  rows: readonly Signal[];
  /** The market's time, ms. */
  now: number;
  /** It is known; until then `now` is the wall clock's, and is not shown. */
  dated: boolean;
  market: Market | null;
  preferences: Preferences;
  live: Live;
  /** The search key was pressed; a page with a search field focuses it and calls `onSearching`. */
  searching: boolean;
  onSearching: () => void;
  dispatch: Dispatch<Action>;
}
