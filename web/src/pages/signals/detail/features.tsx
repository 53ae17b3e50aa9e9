/** The features at the close, of every interval: the inputs of the score. */

import { LENGTH_MS } from "../../../api/bars";
import type { Explained } from "../../../api/explain";
import { t } from "../../../text/catalogue";
import { known, plain, price, whole } from "../../../values/format";
import { title } from "../../../values/names";
import { short } from "./events";

interface Props extends Pick<Explained, "features"> {
  tick: number | null;
}

export function Features({ features, tick }: Props) {
  if (features.length === 0) return null;
  const names = [...new Set(features.flatMap(([, values]) => values.map(([name]) => name)))];
  const columns = features
    .map(([interval, values]) => [interval, new Map(values)] as const)
    .sort(([a], [b]) => length(a) - length(b));
  return (
    <details class="features">
      <summary>{t("detail.features")}</summary>
      <div class="scrolled" tabIndex={0} role="region" aria-label={t("detail.features")}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{t("detail.feature")}</th>
              {columns.map(([interval]) => (
                <th key={interval} scope="col" class="numeric">
                  {interval}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{title(name)}</th>
                {columns.map(([interval, values]) => (
                  <td key={interval} class="numeric">
                    {known(values.get(name) ?? null, (value) => written(name, value, tick))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** The order of the intervals; any other follows after them. */
function length(interval: string): number {
  return new Map<string, number>(Object.entries(LENGTH_MS)).get(interval) ?? Infinity;
}

const PRICES = /^(close|ema_|vwap$|atr$|bb_|poc$|vah$|val$|swing_)/;

/** A feature as text: prices on their tick, indicators with two decimals. */
function written(name: string, value: number, tick: number | null): string {
  if (PRICES.test(name)) return price(value, tick);
  if (name.endsWith("_usd")) return whole(value);
  if (name === "last_break") return t(`detail.${value > 0 ? "up" : value < 0 ? "down" : "none"}`);
  return name === "rsi" || name === "volume_z" ? plain(value) : short(value);
}
