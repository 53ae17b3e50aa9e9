/** Status, direction, score and result of a signal; never by colour alone. */

import { unrealised } from "../state/rows";
import { t } from "../text/catalogue";
import { known, multiple, percent, score } from "../values/format";
import { statusName } from "../values/names";
import { result } from "../values/risk";
import type { Direction, Signal } from "../values/signal";
import { tone } from "./card";
import { Icon } from "./icons";

export function StatusBadge({ signal }: { signal: Signal }) {
  return (
    <span class={`status ${signal.status}`}>
      <Icon name={signal.status} />
      <span>{statusName(signal.status)}</span>
      {signal.ending?.ambiguous && <abbr title={t("components.ambiguous")}>?</abbr>}
    </span>
  );
}

export function statusText(signal: Signal): string {
  const result = signal.ending?.return_pct ?? null;
  return statusName(signal.status) + (result === null ? "" : ` ${percent(result)}`);
}

export function DirectionBadge({ direction }: { direction: Direction }) {
  return (
    <span class={`direction ${direction}`}>
      <Icon name={direction === "long" ? "up" : "down"} />
      <span>{t(direction === "long" ? "status.LONG" : "status.SHORT")}</span>
    </span>
  );
}

/** The net result of a closed signal, or the unrealised one of an open signal. */
export function Pnl({ signal, last }: { signal: Signal; last: number | null }) {
  if (signal.ending !== null) {
    const net = signal.ending.return_pct;
    const gross = result(signal);
    return (
      <span class={tone(net)}>
        {known(net, percent)}
        {gross !== null && (
          <span class="in-r" title={t("detail.grossInR")}>
            {multiple(gross)}
          </span>
        )}
      </span>
    );
  }
  const now = unrealised(signal, last);
  if (now === null) return <span class="muted">–</span>;
  return (
    <span class={`unrealised ${tone(now)}`} title={t("components.unrealised")}>
      {percent(now)}
    </span>
  );
}

export function ScoreCell({ value }: { value: number }) {
  return (
    <span class="score-cell" data-label={t("signals.score")}>
      <span>{score(value)}</span>
      <span class="track" aria-hidden="true">
        <span class="fill" style={{ width: `${Math.min(1, Math.max(0, value)) * 100}%` }} />
      </span>
    </span>
  );
}
