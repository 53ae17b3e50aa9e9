/** What stands where the rows will be: while loading, when there are none, when loading failed. */

import type { Tab } from "../store";
import { Icon } from "./icons";
import { TAB_WORDS } from "./tabs";

const SKELETON_ROWS = 8;

export function Skeleton() {
  return (
    <div class="skeleton" role="status">
      <span class="unseen">Loading signals…</span>
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <div key={row} class="bone" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Empty({ tab, symbols }: { tab: Tab; symbols: number | null }) {
  const watched = symbols === null ? "The market is" : `${symbols} symbols are`;
  return (
    <div class="empty">
      <Icon name="pulse" />
      {tab === "all" ? (
        <>
          <h2>No signals yet</h2>
          <p>{watched} being watched. A signal appears here the moment it is stored.</p>
        </>
      ) : (
        <>
          <h2>Nothing under “{TAB_WORDS[tab]}”</h2>
          <p>No signal has this status among those loaded.</p>
        </>
      )}
    </div>
  );
}

export function Failed({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div class="failed" role="alert">
      <div>
        <h2>The signals could not be loaded</h2>
        <p>{message} Retrying every 15 s.</p>
      </div>
      <button class="button" type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
