/** Returns as a histogram, and means by hour and by weekday of the entry, in UTC. */

import type { Group, Histogram } from "../../api/performance";
import { ColumnsChart } from "../../charts/columns_chart";
import { Nothing } from "../card";
import { t } from "../../text/catalogue";
import { greatest } from "../../values/extent";
import { percent, whole } from "../../values/format";
import { ENOUGH } from "./enough";
import { weekdayName, WEEKDAYS } from "./weekdays";

export function Returns({ histogram }: { histogram: Histogram | null }) {
  if (histogram === null) return <Nothing>{t("performance.no_distribution")}</Nothing>;
  const { edges, counts } = histogram;
  const columns = counts.map((value, n) => {
    const [from, to] = [edges[n] ?? 0, edges[n + 1] ?? 0];
    return {
      label: percent((from + to) / 2),
      value,
      title: t("performance.bin", { from: percent(from), to: percent(to), n: value }),
      tone: to <= 0 ? ("bad" as const) : from >= 0 ? ("good" as const) : ("plain" as const),
    };
  });
  return (
    <ColumnsChart columns={columns} format={whole} counts summary={described(edges, counts)} />
  );
}

function described(edges: readonly number[], counts: readonly number[]): string {
  const most = counts.indexOf(greatest(counts));
  return t("performance.histogram", {
    low: percent(edges[0] ?? 0),
    high: percent(edges.at(-1) ?? 0),
    from: percent(edges[most] ?? 0),
    to: percent(edges[most + 1] ?? 0),
  });
}

export function Hours({ rows }: { rows: readonly Group[] }) {
  const names = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
  return (
    <Means
      rows={rows}
      names={names}
      label={(name) => name}
      title={(name) => `${Number(name)}:00 UTC`}
      summary={(n) => t("performance.by_hour_of", { n })}
    />
  );
}

export function Weekdays({ rows }: { rows: readonly Group[] }) {
  return (
    <Means
      rows={rows}
      names={WEEKDAYS}
      label={(name) =>
        weekdayName(
          WEEKDAYS.findIndex((one) => one === name),
          "short",
        )
      }
      title={(name) =>
        `${weekdayName(
          WEEKDAYS.findIndex((one) => one === name),
          "long",
        )} (UTC)`
      }
      summary={(n) => t("performance.by_weekday_of", { n })}
    />
  );
}

interface MeansProps {
  rows: readonly Group[];
  /** Keys of the groups, in order; one without signals is drawn as zero. */
  names: readonly string[];
  label: (name: string) => string;
  title: (name: string) => string;
  summary: (n: number) => string;
}

function Means({ rows, names, label, title, summary }: MeansProps) {
  const byKey = new Map(rows.map((row) => [row.key.padStart(2, "0"), row]));
  const columns = names.map((name) => {
    const row = byKey.get(name);
    const mean = row?.avg_return ?? 0;
    const count = row?.n ?? 0;
    return {
      label: label(name),
      value: mean,
      title: t("performance.mean_of", {
        name: title(name),
        mean: percent(mean),
        count: whole(count),
      }),
      tone: mean < 0 ? ("bad" as const) : ("good" as const),
      faint: count < ENOUGH,
    };
  });
  const n = rows.reduce((total, row) => total + row.n, 0);
  return (
    <>
      <ColumnsChart columns={columns} format={percent} summary={summary(n)} />
      <p class="muted note">{t("performance.faint", { enough: ENOUGH })}</p>
    </>
  );
}
