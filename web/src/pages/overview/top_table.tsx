/** The tracked symbols, by the score of their better direction. */

import type { Ranked } from "../../api/market";
import { Nothing } from "../../components/card";
import { DirectionBadge, ScoreCell } from "../../components/status";
import { signalsHref } from "../../routing/view";
import { known, moment, points, price, score, type Zone } from "../../values/format";
import { title } from "../../values/names";

export function TopTable({ ranked, zone }: { ranked: readonly Ranked[]; zone: Zone }) {
  if (ranked.length === 0) {
    return <Nothing>No scores yet. They appear after the first closed bars.</Nothing>;
  }
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label="Strongest now, scrollable">
      <table class="plain top">
        <thead>
          <tr>
            <th scope="col">Symbol</th>
            <th scope="col" class="side">
              <span>Direction</span>
            </th>
            <th scope="col">Score</th>
            <th scope="col" class="numeric spare">
              Long
            </th>
            <th scope="col" class="numeric spare">
              Short
            </th>
            <th scope="col" class="numeric">
              Price
            </th>
            <th scope="col" class="numeric spare">
              Bar
            </th>
          </tr>
        </thead>
        <tbody>
          {ranked.map((one) => (
            <tr key={one.symbol}>
              <th scope="row">
                <a href={signalsHref({ symbol: one.symbol })}>{one.symbol}</a>
                {one.backed && <span class="tag">event</span>}
                {!one.warm && <span class="tag">warming up</span>}
              </th>
              <td>{one.direction === null ? "–" : <DirectionBadge direction={one.direction} />}</td>
              <td title={parts(one)}>
                {one.score === null ? "–" : <ScoreCell value={one.score} />}
              </td>
              <td class="numeric spare">{known(one.long_score, score)}</td>
              <td class="numeric spare">{known(one.short_score, score)}</td>
              <td class="numeric">{known(one.price, (value) => price(value, one.tick_size))}</td>
              <td class="numeric muted spare">
                {known(one.close_time, (ms) => moment(ms, zone).minute)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The components of a score, and those without data. */
function parts({ components, missing }: Ranked): string {
  const named = components.map(([name, value]) => `${title(name)} ${known(value, points)}`);
  const without = missing.length === 0 ? "" : ` (no data: ${missing.map(title).join(", ")})`;
  return named.join(", ") + without;
}
