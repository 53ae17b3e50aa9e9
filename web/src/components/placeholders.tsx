/** What stands where the rows will be: while loading, when there are none, when loading failed. */

import { isNarrowed, type View } from "../route";
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

interface EmptyProps {
  view: View;
  /** How many symbols are followed; null when unknown. */
  symbols: number | null;
  onClear: () => void;
}

export function Empty({ view, symbols, onClear }: EmptyProps) {
  const watched = symbols === null ? "The market is" : `${symbols} symbols are`;
  if (isNarrowed(view)) {
    return (
      <div class="empty">
        <Icon name="search" />
        <h2>No signal matches</h2>
        <p>Nothing under “{TAB_WORDS[view.tab]}” fits these filters.</p>
        <button class="button" type="button" onClick={onClear}>
          Clear filters
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <Icon name="pulse" />
      {view.tab === "all" ? (
        <>
          <h2>No signals yet</h2>
          <p>{watched} being watched. A signal appears here the moment it is stored.</p>
        </>
      ) : (
        <>
          <h2>Nothing under “{TAB_WORDS[view.tab]}”</h2>
          <p>No signal has this status.</p>
        </>
      )}
    </div>
  );
}

interface FailedProps {
  /** What could not be loaded. */
  what?: string;
  message: string;
  onRetry: () => void;
}

export function Failed({ what = "The signals", message, onRetry }: FailedProps) {
  return (
    <div class="failed" role="alert">
      <div>
        <h2>{what} could not be loaded</h2>
        <p>{message} It is tried again by itself.</p>
      </div>
      <button class="button" type="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
