/** The stop, entry and targets on one line, profit to the right, with the exit and excursions. */

import { t } from "../../../text/catalogue";
import { bare, percent, price } from "../../../values/format";
import { targetOf } from "../../../values/risk";
import { stopOf, type Signal } from "../../../values/signal";
import { CopyButton, type Copying } from "../actions/copying";

interface Props {
  signal: Signal;
  /** Last price, while the signal is open. */
  last: number | null;
  copying: Copying;
}

export function Ladder({ signal, last, copying }: Props) {
  const { entry_price: entry, sl_price: sl, tick_size: tick, ending } = signal;
  const targets = signal.exits?.targets.map((target) => target.price) ?? [signal.tp_price];
  const tp = targetOf(signal); // the line ends at the farthest one
  const stop = stopOf(signal);
  const place = (level: number) => `${clamped((level - sl) / (tp - sl)) * 100}%`;
  const copied = { tick, copying };
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
        {exit !== null && (
          <span class="slide" style={{ transform: `translateX(${place(exit)})` }}>
            <span class={`exit ${signal.status}`} />
          </span>
        )}
      </div>
      <dl style={{ gridTemplateColumns: `minmax(max-content, ${place(entry)}) 1fr auto` }}>
        <Level name="SL" of="sl" value={sl} away={side * (sl / entry - 1)} {...copied} />
        <Level name={t("detail.entry")} of="entry" value={entry} away={null} {...copied} />
        <Level
          name={targets.length > 1 ? `TP${targets.length}` : "TP"}
          of="tp"
          value={tp}
          away={side * (tp / entry - 1)}
          {...copied}
        />
      </dl>
      {(targets.length > 1 || stop !== sl) && (
        <p class="muted between">
          {targets.slice(0, -1).map((target, n) => (
            <span key={target}>
              TP{n + 1} <Price name={`TP${n + 1}`} value={target} {...copied} />
            </span>
          ))}
          {stop !== sl && (
            <span>
              {t("detail.stopNow")} <Price name={t("detail.theStop")} value={stop} {...copied} />
            </span>
          )}
        </p>
      )}
    </div>
  );
}

interface LevelProps {
  name: string;
  value: number;
  tick: number | null;
  copying: Copying;
}

type AwayProps = LevelProps & { of: "sl" | "entry" | "tp"; away: number | null };

function Level({ of, away, ...level }: AwayProps) {
  return (
    <div class={of}>
      <dt>{level.name}</dt>
      <dd>
        <Price {...level} />
      </dd>
      {away !== null && <dd class="muted">{percent(away * 100)}</dd>}
    </div>
  );
}

/** A price that is copied as an order form takes it. */
function Price({ name, value, tick, copying }: LevelProps) {
  const text = bare(value, tick);
  return (
    <CopyButton copying={copying} name={`${name}, ${text}`} text={text}>
      {price(value, tick)}
    </CopyButton>
  );
}

function clamped(part: number): number {
  return Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0;
}
