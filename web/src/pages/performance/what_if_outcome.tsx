/** What came of past signals, and what would have come of them under other rules. */

import { MOST, REASONS, type Ending, type Sums, type WhatIf } from "../../api/what_if";
import { CurveKey, CurvesChart } from "../../charts/curves_chart";
import type { Point } from "../../charts/stairs";
import { Nothing, tone } from "../../components/card";
import { t } from "../../text/catalogue";
import { percent, whole, type Zone } from "../../values/format";
import { wilson } from "../../values/wilson";
import { ENOUGH } from "../../components/results/enough";
import { Rate } from "../../components/results/rate";

/** Stored returns are integers of 1e-8 of the entry. */
const PCT = 1e6;

interface Props {
  found: WhatIf;
  /** The lowest score that was asked for. */
  threshold: number | null;
  zone: Zone;
  busy: boolean;
  onMore: () => void;
}

export function Outcome({ found, threshold, zone, busy, onMore }: Props) {
  const rows = [
    ["published", found.published],
    ["other_rules", found.what_if],
  ] as const;
  const curves = [
    { name: t("performance.published"), points: summed(found.published_ends) },
    { name: t("performance.other_rules"), points: summed(found.what_if_ends) },
  ];
  const until = Math.max(0, ...curves.map(({ points }) => points.at(-1)?.[0] ?? 0));
  return (
    <>
      {found.published.n === 0 ? (
        <Nothing>{t("performance.nothing_settled")}</Nothing>
      ) : (
        <>
          <div
            class="scrolled"
            tabIndex={0}
            role="region"
            aria-label={t("performance.scrollable", { name: t("performance.what_if") })}
          >
            <table class="plain groups">
              <Head />
              <tbody>
                {rows.map(([name, sums], at) => (
                  <Row key={name} name={t(`performance.${name}`)} sums={sums} at={at} />
                ))}
              </tbody>
            </table>
          </div>
          <CurvesChart curves={curves} until={until} zone={zone} height={220} />
        </>
      )}
      <LeftOut of={found.left_out} />
      {threshold !== null && found.left_out.below_threshold === 0 && !busy && (
        <p class="note">{t("performance.none_below")}</p>
      )}
      {found.cursor !== null && !busy && (
        <p class="note">
          {t("performance.newest_only", { count: whole(found.count) })}{" "}
          <button class="button small" type="button" onClick={onMore}>
            {t("performance.read_more", { count: whole(MOST) })}
          </button>
        </p>
      )}
      <p class="muted note">{t("performance.what_if_note", { enough: ENOUGH })}</p>
    </>
  );
}

function Head() {
  const names = ["mean", "sum", "tp_hits", "sl_hits", "expired", "ambiguous"] as const;
  return (
    <thead>
      <tr>
        <th scope="col">{t("performance.rules")}</th>
        <th scope="col" class="numeric">
          N
        </th>
        <th scope="col">{t("performance.rate_interval")}</th>
        {names.map((name) => (
          <th key={name} scope="col" class="numeric">
            {t(`performance.${name}`)}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Row({ name, sums, at }: { name: string; sums: Sums; at: number }) {
  const interval = wilson(sums.wins, sums.n);
  const rate = {
    win_rate: sums.n === 0 ? null : sums.wins / sums.n,
    win_rate_low: interval?.[0] ?? null,
    win_rate_high: interval?.[1] ?? null,
  };
  const mean = sums.n === 0 ? null : sums.net_sum / PCT / sums.n;
  return (
    <tr class={sums.n < ENOUGH ? "faint" : ""}>
      <th scope="row">
        {name} <CurveKey at={at} />
      </th>
      <td class="numeric">{whole(sums.n)}</td>
      <td>
        <Rate row={rate} />
      </td>
      <td class={`numeric ${tone(mean)}`}>{mean === null ? "–" : percent(mean)}</td>
      <td class={`numeric ${tone(sums.net_sum)}`}>{percent(sums.net_sum / PCT)}</td>
      <td class="numeric">{whole(sums.tp_hits)}</td>
      <td class="numeric">{whole(sums.sl_hits)}</td>
      <td class="numeric">{whole(sums.expired + sums.left)}</td>
      <td class="numeric">{whole(sums.ambiguous)}</td>
    </tr>
  );
}

function LeftOut({ of }: { of: WhatIf["left_out"] }) {
  const named = REASONS.filter((reason) => of[reason] > 0);
  if (named.length === 0) return null;
  return (
    <ul class="note left-out">
      {named.map((reason) => (
        <li key={reason}>{t(`performance.${reason}`, { n: of[reason] })}</li>
      ))}
    </ul>
  );
}

/** The running sums of net returns, in the order of time. */
function summed(ends: readonly Ending[]): readonly Point[] {
  let total = 0;
  return [...ends].sort(([a], [b]) => a - b).map(([time, net]) => [time, (total += net)] as const);
}
