/** The stop, entry and targets on one line, profit to the right, with the exit and excursions. */

import { percent, price } from "../../../values/format";
import { stopOf, type Signal } from "../../../values/signal";

interface Props {
  signal: Signal;
  /** Last price, while the signal is open. */
  last: number | null;
}

export function Ladder({ signal, last }: Props) {
  const { entry_price: entry, sl_price: sl, tick_size: tick, ending } = signal;
  const targets = signal.exits?.targets.map((target) => target.price) ?? [signal.tp_price];
  const tp = targets.at(-1) ?? signal.tp_price; // the line ends at the farthest one
  const stop = stopOf(signal);
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
        {targets.slice(0, -1).map((target) => (
          <span key={target} class="mark target" style={{ left: place(target) }} />
        ))}
        {stop !== sl && <span class="mark stop" style={{ left: place(stop) }} />}
        {exit !== null && <span class={`exit ${signal.status}`} style={{ left: place(exit) }} />}
      </div>
      <dl style={{ gridTemplateColumns: `minmax(max-content, ${place(entry)}) 1fr auto` }}>
        <Level name="SL" value={price(sl, tick)} away={side * (sl / entry - 1)} />
        <Level name="Entry" value={price(entry, tick)} away={null} />
        <Level
          name={targets.length > 1 ? `TP${targets.length}` : "TP"}
          value={price(tp, tick)}
          away={side * (tp / entry - 1)}
        />
      </dl>
      {(targets.length > 1 || stop !== sl) && (
        <p class="muted between">
          {targets.slice(0, -1).map((target, n) => (
            <span key={target}>
              TP{n + 1} {price(target, tick)}
            </span>
          ))}
          {stop !== sl && <span>Stop now {price(stop, tick)}</span>}
        </p>
      )}
    </div>
  );
}

function Level({ name, value, away }: { name: string; value: string; away: number | null }) {
  return (
    <div class={name.toLowerCase().replace(/\d/, "")}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {away !== null && <dd class="muted">{percent(away * 100)}</dd>}
    </div>
  );
}

function clamped(part: number): number {
  return Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0;
}
