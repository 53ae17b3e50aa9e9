/** The table's placeholders: while loading, and when there are no rows. */

import { STARTING } from "../../components/card";
import { Icon } from "../../components/icons";
import { isNarrowed, signalsHref, type View } from "../../routing/view";
import { findSymbol, nearest } from "../../values/symbol";
import { TAB_NAMES } from "./tabs";

const SKELETON_ROWS = 8;

export function RowsSkeleton({ starting = false }: { starting?: boolean }) {
  return (
    <div class="skeleton" role="status">
      <span class={starting ? "muted" : "unseen"}>{starting ? STARTING : "Loading signals…"}</span>
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <div key={row} class="bone" aria-hidden="true" />
      ))}
    </div>
  );
}

/** Says that a symbol is not followed, and which ones resemble it. */
function Unknown({ view, known }: { view: View; known: readonly string[] }) {
  const written = view.symbol ?? view.search;
  if (known.length === 0 || written === "" || findSymbol(written, known) !== null) return null;
  const like = nearest(written, known);
  if (view.symbol === null && like.length === 0) return null; // words that name no symbol
  return (
    <p>
      {written} is not followed.
      {like.length > 0 && " Did you mean"}
      {like.map((symbol, at) => (
        <span key={symbol}>
          {at > 0 && " or"} <a href={signalsHref({ ...view, search: "", symbol })}>{symbol}</a>
        </span>
      ))}
      {like.length > 0 && "?"}
    </p>
  );
}

interface EmptyProps {
  view: View;
  /** Number of tracked symbols; null when unknown. */
  symbols: number | null;
  /** The symbols that can be chosen. */
  known: readonly string[];
  onClear: () => void;
}

export function Empty({ view, symbols, known, onClear }: EmptyProps) {
  const tracked = symbols === null ? "The market is" : `${symbols} symbols are`;
  if (isNarrowed(view)) {
    return (
      <div class="empty">
        <Icon name="search" />
        <h2>No signal matches</h2>
        <p>No signal under “{TAB_NAMES[view.tab]}” matches these filters.</p>
        <Unknown view={view} known={known} />
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
