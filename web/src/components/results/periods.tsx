/** Results by day, week and month of the entry (UTC): a calendar, and a table of one of them. */

import { useState } from "preact/hooks";

import { PERIODS, type Performance, type Period, type PeriodKind } from "../../api/performance";
import { CalendarChart } from "../../charts/calendar_chart";
import { Card, Nothing, tone } from "../card";
import { Select } from "../select";
import { t } from "../../text/catalogue";
import { dayOf } from "../../values/calendar";
import { known, percent, plain, whole } from "../../values/format";
import { ENOUGH } from "./enough";
import { Rate } from "./rate";
import { weekdayName } from "./weekdays";

/** Rows that are shown at first. */
const SHOWN = 14;

interface Props {
  periods: Performance["periods"];
  /** The market's time (ms). */
  until: number;
}

export function Calendar({ periods, until }: Props) {
  const days = [...periods.day].reverse();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) {
    return <Nothing>{t("performance.no_days")}</Nothing>;
  }
  const today = dayOf(until);
  const [best, worst] = extremes(days);
  return (
    <>
      <CalendarChart
        days={days.map((day) => ({ day: day.key, net_pct: day.total_return, n: day.n }))}
        first={first.key}
        last={today > last.key ? today : last.key}
        weekday={(row) => weekdayName(row, "short")}
        summary={t("performance.calendar_of", {
          from: first.key,
          to: last.key,
          best: `${best.key} ${percent(best.total_return)}`,
          worst: `${worst.key} ${percent(worst.total_return)}`,
        })}
      />
      <p class="muted note">{t("performance.calendar_note")}</p>
    </>
  );
}

function extremes(days: readonly Period[]): readonly [Period, Period] {
  const sorted = [...days].sort((a, b) => b.total_return - a.total_return);
  return [sorted[0] as Period, sorted.at(-1) as Period];
}

const NAMES = {
  day: "performance.day",
  week: "performance.week",
  month: "performance.month",
} as const;

export function PeriodTable({ periods }: Pick<Props, "periods">) {
  const [kind, setKind] = useState<PeriodKind>("day");
  const [all, setAll] = useState(false);
  const rows = periods[kind];
  const more = rows.length - SHOWN;
  return (
    <Card
      title={t("performance.periods")}
      class="full"
      aside={
        <Select
          name={t("performance.period")}
          value={kind}
          options={PERIODS.map((one) => [one, t(NAMES[one])] as const)}
          onChange={setKind}
        />
      }
    >
      {rows.length === 0 ? (
        <Nothing>{t("performance.no_days")}</Nothing>
      ) : (
        <div
          class="scrolled"
          tabIndex={0}
          role="region"
          aria-label={t("performance.scrollable", { name: t("performance.periods") })}
        >
          <table class="plain groups periods">
            <Head kind={kind} />
            <tbody>
              {(all ? rows : rows.slice(0, SHOWN)).map((row) => (
                <Row key={row.key} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more > 0 && (
        <button class="button small" type="button" onClick={() => setAll(!all)}>
          {all ? t("performance.fewer") : t("performance.more", { n: more })}
        </button>
      )}
      <p class="muted note">{t("performance.periods_note", { enough: ENOUGH })}</p>
    </Card>
  );
}

function Head({ kind }: { kind: PeriodKind }) {
  const numeric = ["mean", "mean_gross", "sum", "best", "worst", "profit_factor"] as const;
  return (
    <thead>
      <tr>
        <th scope="col">{t("performance.period_utc", { period: t(NAMES[kind]) })}</th>
        <th scope="col" class="numeric">
          N
        </th>
        <th scope="col">{t("performance.rate_interval")}</th>
        {numeric.map((name) => (
          <th key={name} scope="col" class="numeric">
            {t(`performance.${name}`)}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Row({ row }: { row: Period }) {
  return (
    <tr class={row.n < ENOUGH ? "faint" : ""}>
      <th scope="row">{row.key}</th>
      <td class="numeric">{whole(row.n)}</td>
      <td>
        <Rate row={row} />
      </td>
      <td class={`numeric ${tone(row.avg_return)}`}>{known(row.avg_return, percent)}</td>
      <td class="numeric">{known(row.avg_gross, percent)}</td>
      <td class={`numeric ${tone(row.total_return)}`}>{percent(row.total_return)}</td>
      <td class="numeric">{known(row.best, percent)}</td>
      <td class="numeric">{known(row.worst, percent)}</td>
      <td class="numeric">{known(row.profit_factor, plain)}</td>
    </tr>
  );
}
