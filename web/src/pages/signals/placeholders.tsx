/** The table's placeholders: while loading, and when there are no rows. */

import { Icon } from "../../components/icons";
import { isNarrowed, signalsHref, type View } from "../../routing/view";
import { rich, t } from "../../text/catalogue";
import { findSymbol, nearest } from "../../values/symbol";
import { tabName } from "./tabs";

const SKELETON_ROWS = 8;

export function RowsSkeleton({ starting = false }: { starting?: boolean }) {
  return (
    <div class="skeleton" role="status">
      <span class={starting ? "muted" : "unseen"}>
        {t(starting ? "components.serverStarting" : "signals.loading")}
      </span>
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
      {t("signals.notFollowed", { symbol: written })}{" "}
      {like.length > 0 && rich("signals.meant", { symbols: <Links symbols={like} view={view} /> })}
    </p>
  );
}

function Links({ symbols, view }: { symbols: readonly string[]; view: View }) {
  return symbols.map((symbol, at) => (
    <span key={symbol}>
      {at > 0 && ` ${t("signals.or")} `}
      <a href={signalsHref({ ...view, search: "", symbol })}>{symbol}</a>
    </span>
  ));
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
  if (isNarrowed(view)) {
    return (
      <div class="empty">
        <Icon name="search" />
        <h2>{t("signals.noMatch")}</h2>
        <p>{t("signals.noMatchUnder", { tab: tabName(view.tab) })}</p>
        <Unknown view={view} known={known} />
        <button class="button" type="button" onClick={onClear}>
          {t("signals.clearFilters")}
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <Icon name="pulse" />
      {view.tab === "all" ? (
        <>
          <h2>{t("signals.none")}</h2>
          <p>
            {symbols === null ? t("signals.marketTracked") : t("signals.tracked", { n: symbols })}
          </p>
        </>
      ) : (
        <>
          <h2>{t("signals.noneUnder", { tab: tabName(view.tab) })}</h2>
          <p>{t("signals.noneOfStatus")}</p>
        </>
      )}
    </div>
  );
}
