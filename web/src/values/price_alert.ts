/** Price alerts, by the rules of `signalengine.facts.alerts`: closed minutes decide, once. */

export interface PriceAlert {
  readonly id: string;
  readonly symbol: string;
  readonly price: number;
  /** Where it lay when it was set: above the price of that moment, or below. */
  readonly direction: "above" | "below";
  /** Opening time (ms) of the first minute that counts. */
  readonly since: number;
  readonly tick_size: number | null;
}

/** What a closed minute has touched; its opening time is ms. */
export interface Minute {
  readonly open_time: number;
  readonly high: number;
  readonly low: number;
}

const MINUTE_MS = 60_000;
/** No alert is for more than so many times the price, nor for less than one part in so many. */
const FARTHEST = 100;

export type Refusal = "tooFar" | "isNow";

/** The alert for a price while the last one is `last`, at market time `now` (ms), or why not. */
export function alertFor(
  symbol: string,
  price: number,
  last: number,
  tick: number | null,
  now: number,
): PriceAlert | Refusal {
  if (!(Number.isFinite(price) && last / FARTHEST <= price && price <= last * FARTHEST)) {
    return "tooFar";
  }
  const up = price > last;
  const level = onTick(price, tick, up);
  if (level === last || !(level > 0)) return "isNow";
  const since = Math.ceil(now / MINUTE_MS) * MINUTE_MS;
  const direction = up ? "above" : "below";
  return { id: `${symbol} ${level}`, symbol, price: level, direction, since, tick_size: tick };
}

/** A price between two ticks is moved away from the last one. */
function onTick(price: number, tick: number | null, up: boolean): number {
  if (tick === null || !(tick > 0)) return price;
  const steps = price / tick;
  const near = Math.round(steps);
  const whole = Math.abs(steps - near) < 1e-6 ? near : up ? Math.ceil(steps) : Math.floor(steps);
  return Number((whole * tick).toPrecision(15));
}

/** The close (ms) of the first minute that touches an alert's price; null: none does. */
export function reachedAt(alert: PriceAlert, bars: readonly Minute[]): number | null {
  const { price, direction, since } = alert;
  const touches = ({ high, low }: Minute) => (direction === "above" ? high >= price : low <= price);
  const times = bars.filter((bar) => bar.open_time >= since && touches(bar));
  return times.length === 0 ? null : Math.min(...times.map((bar) => bar.open_time)) + MINUTE_MS;
}
