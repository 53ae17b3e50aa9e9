/** The levels and marks of signals on a chart. */

import { barAt, type Bar, type Interval } from "../api/bars";
import { t } from "../text/catalogue";
import { percent } from "../values/format";
import type { Signal } from "../values/signal";
import type { Colour } from "./palette";
import type { Level, Mark } from "./scene";

/** Entry, TP and SL; of several signals, each with what it is of. */
export function signalLevels(signals: readonly Signal[]): readonly Level[] {
  return signals.flatMap((signal) => [
    { price: signal.tp_price, name: "TP", colour: "tp" },
    { price: signal.entry_price, name: t("components.entry"), colour: "open", solid: true },
    { price: signal.sl_price, name: "SL", colour: "sl" },
  ]);
}

function ended(status: Signal["status"]): readonly [Colour, string] {
  switch (status) {
    case "tp_hit":
      return ["tp", "TP"];
    case "sl_hit":
      return ["sl", "SL"];
    case "expired":
      return ["muted", t("components.expired")];
    case "left":
      return ["muted", t("components.left")];
    case "open":
      return ["open", ""];
  }
}

/** An arrow at the entry, a circle at the end with its result. */
export function signalMarks(
  signal: Signal,
  bars: readonly Bar[],
  interval: Interval,
): readonly Mark[] {
  const long = signal.direction === "long";
  const out: Mark[] = [];
  const entry = barAt(bars, signal.close_time, interval);
  if (entry !== null) {
    out.push({
      open_time: entry.open_time,
      above: !long,
      shape: long ? "arrowUp" : "arrowDown",
      colour: "open",
    });
  }
  const { ending } = signal;
  const exit = ending === null ? null : barAt(bars, ending.closed_at * 1000, interval);
  if (ending !== null && exit !== null) {
    const [colour, name] = ended(signal.status);
    const result = ending.return_pct === null ? "" : ` ${percent(ending.return_pct)}`;
    out.push({
      open_time: exit.open_time,
      above: (signal.status === "tp_hit") === long,
      shape: "circle",
      colour,
      text: `${name}${result}`,
    });
  }
  return out;
}
