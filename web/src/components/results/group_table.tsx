/** Results by group: N, the win rate with its interval, and the mean return. */

import type { Group } from "../../api/performance";
import { Nothing, tone } from "../card";
import { t } from "../../text/catalogue";
import { known, percent, whole } from "../../values/format";
import { ENOUGH } from "./enough";
import { Rate } from "./rate";

interface Props {
  rows: readonly Group[];
  /** Name of the groups, such as symbol or event. */
  name: string;
  label?: (key: string) => string;
}

export function GroupTable({ rows, name, label = (key) => key }: Props) {
  if (rows.length === 0) return <Nothing>{t("performance.no_groups")}</Nothing>;
  const most = [...rows].sort((a, b) => b.n - a.n);
  return (
    <div
      class="scrolled"
      tabIndex={0}
      role="region"
      aria-label={t("performance.scrollable", { name })}
    >
      <table class="plain groups">
        <thead>
          <tr>
            <th scope="col">{name}</th>
            <th scope="col" class="numeric">
              N
            </th>
            <th scope="col">{t("performance.rate_interval")}</th>
            <th scope="col" class="numeric">
              {t("performance.mean")}
            </th>
          </tr>
        </thead>
        <tbody>
          {most.map((row) => (
            <tr key={row.key} class={row.n < ENOUGH ? "faint" : ""}>
              <th scope="row">{label(row.key)}</th>
              <td class="numeric">{whole(row.n)}</td>
              <td>
                <Rate row={row} />
              </td>
              <td class={`numeric ${tone(row.avg_return)}`}>{known(row.avg_return, percent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
