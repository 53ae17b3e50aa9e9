/** Candles, as `[open_time, open, high, low, close, volume]` on the wire; times are ms. */

import { list, number } from "../read";

export interface Bar {
  readonly open_time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Read bars, oldest first; what is not a bar is left out. */
export function readBars(value: unknown): readonly Bar[] {
  const bars = list(value).flatMap((row) => readBar(list(row).map(number)) ?? []);
  return bars.sort((a, b) => a.open_time - b.open_time);
}

function readBar(cells: readonly (number | null)[]): Bar | null {
  const [open_time, open, high, low, close, volume] = cells;
  if (open_time == null || open == null || high == null || low == null || close == null)
    return null;
  return { open_time, open, high, low, close, volume: volume ?? 0 };
}
