/** A preview: the chosen parameters, the registered ones, and what the live sets did. */

import type { Preview, Result } from "../../../api/operator";
import { t } from "../../../text/catalogue";
import { known, percent, score, whole } from "../../../values/format";

export function Previewed({ of }: { of: Preview }) {
  const rows: readonly (readonly [string, Result])[] = [
    [t("strategies.chosen"), of.proposed],
    [t("strategies.registered"), of.current],
    ...of.live.map((one) => [t("strategies.liveNow", { name: one.name }), one] as const),
  ];
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label={t("strategies.week")}>
      <table class="plain">
        <caption>{t("strategies.week")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("strategies.setName")}</th>
            <th scope="col" class="numeric">
              {t("strategies.closedN")}
            </th>
            <th scope="col" class="numeric">
              {t("strategies.winRate")}
            </th>
            <th scope="col" class="numeric">
              {t("strategies.net")}
            </th>
            <th scope="col" class="numeric">
              {t("strategies.mean")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, row]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="numeric">{whole(row.closed)}</td>
              <td class="numeric">{row.closed === 0 ? "–" : score(row.wins / row.closed)}</td>
              <td class="numeric">{row.closed === 0 ? "–" : known(row.net_pct, percent)}</td>
              <td class="numeric">{known(row.avg_pct, percent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul class="muted note">
        {of.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}
