/** What is drawn with the candles, stored in this browser. */

import { useState } from "preact/hooks";

import { OVERLAYS, type Overlay } from "../api/chart";
import { store, stored } from "../browser/storage";

export interface ChartOptions {
  readonly overlays: readonly Overlay[];
  toggle(overlay: Overlay): void;
}

const NAME = "overlays";
const USUAL: readonly Overlay[] = ["ema", "events"];

/** What was stored; without that, `USUAL`. */
export function readOverlays(text: string | null): readonly Overlay[] {
  if (text === null) return USUAL;
  const names = text.split(",");
  return OVERLAYS.filter((one) => names.includes(one));
}

export function useChartOptions(): ChartOptions {
  const [overlays, setOverlays] = useState(() => readOverlays(stored(NAME)));
  const toggle = (overlay: Overlay) => {
    const next = OVERLAYS.filter((one) => overlays.includes(one) !== (one === overlay));
    setOverlays(next);
    store(NAME, next.join(","));
  };
  return { overlays, toggle };
}
