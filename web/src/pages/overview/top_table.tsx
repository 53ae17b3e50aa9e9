/** The tracked symbols, by the score of their better direction. */

import type { Ranked } from "../../api/market";
import { Nothing } from "../../components/card";
import { Term } from "../../components/term";
import { DirectionBadge, ScoreCell } from "../../components/status";
import { SymbolLink } from "../../components/symbol_link";
import { t } from "../../text/catalogue";
import { known, moment, points, price, score, type Zone } from "../../values/format";
import { title } from "../../values/names";

export function TopTable({ ranked, zone }: { ranked: readonly Ranked[]; zone: Zone }) {
  if (ranked.length === 0) {
    return <Nothing>{t("overview.noScores")}</Nothing>;
  }
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label={t("overview.scrollable")}>
      <table class="plain top">
        <thead>
          <tr>
            <th scope="col">{t("overview.symbol")}</th>
            <th scope="col" class="side">
              <span>{t("overview.direction")}</span>
            </th>
            <th scope="col">
              <Term of="score">{t("overview.score")}</Term>
            </th>
            <th scope="col" class="numeric spare">
              {t("overview.long")}
            </th>
            <th scope="col" class="numeric spare">
              {t("overview.short")}
            </th>
            <th scope="col" class="numeric">
              {t("overview.price")}
            </th>
            <th scope="col" class="numeric spare">
              {t("overview.bar")}
            </th>
          </tr>
        </thead>
        <tbody>
          {ranked.map((one) => (
            <tr key={one.symbol}>
              <th scope="row">
                <SymbolLink symbol={one.symbol} />
                {one.backed && <span class="tag">{t("overview.event")}</span>}
                {!one.warm && <span class="tag">{t("overview.warming")}</span>}
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
  const without =
    missing.length === 0 ? "" : t("overview.noData", { names: missing.map(title).join(", ") });
  return named.join(", ") + without;
}
