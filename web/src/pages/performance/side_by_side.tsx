/** The parameter sets that run, over the same days; those in shadow were never published. */

import { fetchComparison, type ComparedSet, type Comparison } from "../../api/comparison";
import { CurveKey, CurvesChart } from "../../charts/curves_chart";
import { Card, Loaded, Nothing, tone } from "../../components/card";
import type { Live } from "../../state/live";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { known, percent, whole, type Zone } from "../../values/format";
import { ENOUGH } from "../../components/results/enough";
import { Rate, span } from "../../components/results/rate";
import { Term } from "../../components/term";

const EVERY_MS = 120_000;
/** At most so many curves are drawn: more look alike. */
const MOST_CURVES = 6;

interface Props {
  live: Live;
  days: number;
  market: string | null;
  until: number;
  zone: Zone;
}

export function SideBySide({ live, days, market, until, zone }: Props) {
  const load = (cancel: AbortSignal) => fetchComparison(live.client, days, market, cancel);
  const found = useResource(`${days} ${market ?? ""}`, load, EVERY_MS);
  return (
    <Card title={t("performance.side_by_side")} class="full">
      <Loaded of={found} rows={6}>
        {(value) => <Compared value={value} until={until} zone={zone} />}
      </Loaded>
    </Card>
  );
}

function Compared({ value, until, zone }: { value: Comparison } & Pick<Props, "until" | "zone">) {
  const sets = value.strategies;
  if (sets.length < 2) return <Nothing>{t("performance.one_set")}</Nothing>;
  const drawn = sets.filter((set) => set.equity.length > 0).slice(0, MOST_CURVES);
  const curves = drawn.map((set) => ({
    name: `${set.name} (${mode(set)})`,
    points: set.equity.map((step) => [step.time, step.equity_pct] as const),
  }));
  return (
    <>
      <p class="note">
        {value.limited_by !== null && value.from > value.to
          ? t("performance.no_whole_day", { name: value.limited_by })
          : t("performance.same_days", { from: value.from, to: value.to })}
        {value.limited_by !== null &&
          value.from <= value.to &&
          ` ${t("performance.limited", { name: value.limited_by })}`}
      </p>
      {curves.length > 0 && <CurvesChart curves={curves} until={until} zone={zone} height={240} />}
      <SetsTable sets={sets} drawn={drawn} />
      <p class="muted note">{t("performance.shadow_note", { enough: ENOUGH })}</p>
    </>
  );
}

function SetsTable({
  sets,
  drawn,
}: {
  sets: readonly ComparedSet[];
  drawn: readonly ComparedSet[];
}) {
  return (
    <div
      class="scrolled"
      tabIndex={0}
      role="region"
      aria-label={t("performance.scrollable", { name: t("performance.side_by_side") })}
    >
      <table class="plain groups">
        <thead>
          <tr>
            <th scope="col">{t("performance.set")}</th>
            <th scope="col">{t("performance.mode")}</th>
            <th scope="col" class="numeric">
              N
            </th>
            <th scope="col">
              <Term of="win-rate">{t("performance.rate_interval")}</Term>
            </th>
            <th scope="col" class="numeric">
              {t("performance.mean")}
            </th>
            <th scope="col" class="numeric">
              {t("performance.sum")}
            </th>
          </tr>
        </thead>
        <tbody>
          {sets.map((set) => (
            <tr key={set.name} class={set.closed < ENOUGH ? "faint" : ""}>
              <th scope="row" class="set-name">
                {set.name} {drawn.includes(set) && <CurveKey at={drawn.indexOf(set)} />}
              </th>
              <td>
                <span class={`set-mode ${set.mode}`}>{mode(set)}</span>
              </td>
              <td class="numeric">{whole(set.closed)}</td>
              <td>
                <Rate row={set} />
              </td>
              <td class={`numeric ${tone(set.avg_return)}`}>
                {known(set.avg_return, percent)}
                <span class="under">{interval(set)}</span>
              </td>
              <td class={`numeric ${tone(set.total_return)}`}>
                {set.closed === 0 ? "–" : known(set.total_return, percent)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function mode({ mode: of }: ComparedSet): string {
  return of === "shadow" ? t("performance.shadow") : t("performance.live");
}

function interval({ avg_return_low: low, avg_return_high: high }: ComparedSet): string {
  return low === null || high === null ? "" : span(percent(low), percent(high));
}
