/** A win rate with its interval, as text and as a whisker. */

import { Whisker } from "../../charts/whisker";
import { t } from "../../text/catalogue";
import { score } from "../../values/format";

export interface Rated {
  readonly win_rate: number | null;
  readonly win_rate_low: number | null;
  readonly win_rate_high: number | null;
}

export function Rate({ row }: { row: Rated }) {
  const { win_rate: value, win_rate_low: low, win_rate_high: high } = row;
  if (value === null) return <>–</>;
  const interval = low === null || high === null ? "" : span(score(low), score(high));
  return (
    <span class="rate" title={interval}>
      <span class="numeric">{score(value)}</span>
      <Whisker value={value} low={low} high={high} />
      <span class="unseen">{interval}</span>
    </span>
  );
}

/** `20% to 40%`. */
export function span(low: string, high: string): string {
  return t("performance.span", { low, high });
}
