/** The table's placeholders: while loading, and when there are no rows. */

import { Icon } from "../../components/icons";
import { isNarrowed, type View } from "../../routing/view";
import { TAB_NAMES } from "./tabs";

const SKELETON_ROWS = 8;

export function RowsSkeleton() {
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
  /** Number of tracked symbols; null when unknown. */
  symbols: number | null;
  onClear: () => void;
}

export function Empty({ view, symbols, onClear }: EmptyProps) {
  const tracked = symbols === null ? "The market is" : `${symbols} symbols are`;
  if (isNarrowed(view)) {
    return (
      <div class="empty">
        <Icon name="search" />
        <h2>No signal matches</h2>
        <p>No signal under “{TAB_NAMES[view.tab]}” matches these filters.</p>
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
          <p>{tracked} being tracked. A signal appears here as soon as it is stored.</p>
        </>
      ) : (
        <>
          <h2>No signals under “{TAB_NAMES[view.tab]}”</h2>
          <p>No signal has this status.</p>
        </>
      )}
    </div>
  );
}
