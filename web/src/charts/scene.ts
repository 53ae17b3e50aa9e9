/** What a chart of candles shows, beside its colours: bars, levels, marks, lines. */

import type { Bar, Interval } from "../api/bars";
import type { Points } from "../api/chart";
import type { Zone } from "../values/format";
import type { Colour } from "./palette";

/** A price with a name, across the whole chart. */
export interface Level {
  readonly price: number;
  readonly name: string;
  readonly colour: Colour;
  readonly solid?: boolean;
}

export interface Mark {
  /** Opening time (ms) of its bar. */
  readonly open_time: number;
  readonly above: boolean;
  readonly shape: "arrowUp" | "arrowDown" | "circle" | "square";
  readonly colour: Colour;
  /** Left out on a narrow chart. */
  readonly text?: string;
  /** A smaller one, of which there may be many. */
  readonly small?: boolean;
}

/** A line through a value of each bar; null: none there. */
export interface Line {
  readonly key: string;
  readonly name: string;
  readonly colour: Colour;
  readonly points: Points;
  /** The value holds until the next one: drawn as steps, dotted. */
  readonly level?: boolean;
}

export interface Scene {
  readonly symbol: string;
  readonly interval: Interval;
  readonly bars: readonly Bar[];
  readonly tick: number | null;
  readonly zone: Zone;
  readonly levels: readonly Level[];
  readonly marks: readonly Mark[];
  readonly lines: readonly Line[];
  /** Values from 0 to 1, in a part of their own below; empty: there is none. */
  readonly scores: readonly Line[];
  /** The last price has a line. */
  readonly live: boolean;
}
