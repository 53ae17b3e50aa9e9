/** How far signals went for and against their direction: a scatter, and quantiles as a table. */

import type { Excursions, Strips } from "../../api/performance";
import { ReachChart } from "../../charts/reach_chart";
import { Nothing } from "../card";
import { t } from "../../text/catalogue";
import { known, multiple, percent, whole } from "../../values/format";

export function ExcursionsView({ of }: { of: Excursions | null }) {
  if (of === null || of.n === 0) return <Nothing>{t("performance.no_excursions")}</Nothing>;
  return (
    <>
      <ReachChart
        points={of.points}
        target={of.target_r}
        summary={t("performance.excursions_of", {
          n: of.points.length,
          won: middle(of.won),
          lost: middle(of.lost),
        })}
      />
      <Quantiles of={of} />
      <p class="muted note">{t("performance.excursions_note")}</p>
      {of.without > 0 && (
        <p class="muted note">{t("performance.without_reach", { n: of.without })}</p>
      )}
    </>
  );
}

/** The medians of the best and the worst reach. */
function middle({ mfe_r, mae_r }: Strips): string {
  const at = (values: readonly number[]) =>
    known(values[Math.floor(values.length / 2)] ?? null, multiple);
  return `${at(mfe_r)}, ${at(mae_r)}`;
}

function Quantiles({ of }: { of: Excursions }) {
  const rows = [
    ["won_best", of.won.mfe_r, of.won.mfe_pct, of.won.n],
    ["won_worst", of.won.mae_r, of.won.mae_pct, of.won.n],
    ["lost_best", of.lost.mfe_r, of.lost.mfe_pct, of.lost.n],
    ["lost_worst", of.lost.mae_r, of.lost.mae_pct, of.lost.n],
  ] as const;
  return (
    <div
      class="scrolled"
      tabIndex={0}
      role="region"
      aria-label={t("performance.scrollable", { name: t("performance.quantiles") })}
    >
      <table class="plain groups">
        <thead>
          <tr>
            <th scope="col">{t("performance.quantiles")}</th>
            <th scope="col" class="numeric">
              N
            </th>
            {of.shares.map((share) => (
              <th key={share} scope="col" class="numeric">
                {`${whole(share * 100)}%`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, in_r, in_pct, n]) => (
            <tr key={name}>
              <th scope="row">{t(`performance.${name}`)}</th>
              <td class="numeric">{whole(n)}</td>
              {of.shares.map((share, at) => (
                <td key={share} class="numeric">
                  {known(in_r[at] ?? null, multiple)}
                  <span class="under">{known(in_pct[at] ?? null, percent)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
