/** SL, entry and TP on one line, profit to the right, with the exit and the price's excursions. */

import { decimalsFor, percent, price } from "../../../values/format";
import type { Signal } from "../../../values/signal";

interface Props {
  signal: Signal;
  /** Last price, while the signal is open. */
  last: number | null;
}

export function Ladder({ signal, last }: Props) {
  const { entry_price: entry, tp_price: tp, sl_price: sl, ending } = signal;
  const decimals = decimalsFor(entry, tp, sl);
  const place = (level: number) => `${clamped((level - sl) / (tp - sl)) * 100}%`;
  const side = signal.direction === "long" ? 1 : -1;
  const reached = (pct: number | null, way: 1 | -1) =>
    place(entry * (1 + (side * way * Math.abs(pct ?? 0)) / 100));
  const from = reached(ending?.mae_pct ?? null, -1);
  const to = reached(ending?.mfe_pct ?? null, 1);
  const exit = ending?.exit_price ?? last;
  return (
    <div class="ladder">
      <div class="rail" aria-hidden="true">
        {ending !== null && (
          <span class="range" style={{ left: from, width: `calc(${to} - ${from})` }} />
        )}
        <span class="mark" style={{ left: place(entry) }} />
        {exit !== null && <span class={`exit ${signal.status}`} style={{ left: place(exit) }} />}
      </div>
      <dl style={{ gridTemplateColumns: `minmax(max-content, ${place(entry)}) 1fr auto` }}>
        <Level name="SL" value={price(sl, decimals)} away={side * (sl / entry - 1)} />
        <Level name="Entry" value={price(entry, decimals)} away={null} />
        <Level name="TP" value={price(tp, decimals)} away={side * (tp / entry - 1)} />
      </dl>
    </div>
  );
}

function Level({ name, value, away }: { name: string; value: string; away: number | null }) {
  return (
    <div class={name.toLowerCase()}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {away !== null && <dd class="muted">{percent(away * 100)}</dd>}
    </div>
  );
}

function clamped(part: number): number {
  return Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0;
}
