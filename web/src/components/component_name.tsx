/** The name of a component of a score, with its explanation. */

import { title } from "../values/names";
import { Term } from "./term";

/** Where each component is in the glossary. */
const TERMS: ReadonlyMap<string, string> = new Map([
  ["trend", "trend-component"],
  ["liquidation", "liquidations-component"],
  ["volatility", "volatility-component"],
  ["vwap", "vwap-component"],
  ["oi", "open-interest-component"],
  ["structure", "structure-component"],
  ["event", "event-quality"],
]);

export function ComponentName({ name }: { name: string }) {
  const term = TERMS.get(name);
  return term === undefined ? <>{title(name)}</> : <Term of={term}>{title(name)}</Term>;
}
