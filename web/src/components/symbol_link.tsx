/** A symbol, as the link to its chart. */

import { symbolHref } from "../routing/symbol";
import { t } from "../text/catalogue";

interface Props {
  symbol: string;
  /** Beside a name that has another link: only a small sign. */
  sign?: boolean;
}

export function SymbolLink({ symbol, sign = false }: Props) {
  const name = t("symbol.chartOf", { symbol });
  return (
    <a
      class={sign ? "chart-link" : ""}
      href={symbolHref(symbol)}
      {...(sign ? { "aria-label": name, title: name } : {})}
    >
      {sign ? <Sign /> : symbol}
    </a>
  );
}

function Sign() {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d="M3 13.5V2.5M3 13.5h11M6 11V7M9 10V4M12 9V5.5" />
    </svg>
  );
}
