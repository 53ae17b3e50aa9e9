/** Results by group: N, the win rate with its interval, and the mean return. */

import type { Group } from "../../api/performance";
import { Whisker } from "../../charts/whisker";
import { Nothing, tone } from "../../components/card";
import { known, percent, score, whole } from "../../values/format";

interface Props {
  rows: readonly Group[];
  /** Name of the groups, such as symbol or event. */
  name: string;
  /** Rows with fewer signals are drawn faint. */
  enough: number;
  label?: (key: string) => string;
}

export function GroupTable({ rows, name, enough, label = (key) => key }: Props) {
  if (rows.length === 0) return <Nothing>No groups yet.</Nothing>;
  const most = [...rows].sort((a, b) => b.n - a.n);
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label={`By ${name}, scrollable`}>
      <table class="plain groups">
        <thead>
          <tr>
            <th scope="col">{name}</th>
            <th scope="col" class="numeric">
              N
            </th>
            <th scope="col">Win rate, 95%</th>
            <th scope="col" class="numeric">
              Mean
            </th>
          </tr>
        </thead>
        <tbody>
          {most.map((row) => (
            <tr key={row.key} class={row.n < enough ? "faint" : ""}>
              <th scope="row">{label(row.key)}</th>
              <td class="numeric">{whole(row.n)}</td>
              <td>{row.win_rate === null ? "–" : <Rate row={row} value={row.win_rate} />}</td>
              <td class={`numeric ${tone(row.avg_return)}`}>{known(row.avg_return, percent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Rate({ row, value }: { row: Group; value: number }) {
  const { win_rate_low: low, win_rate_high: high } = row;
  const interval = low === null || high === null ? "" : `${score(low)} to ${score(high)}`;
  return (
    <span class="rate" title={interval}>
      <span class="numeric">{score(value)}</span>
      <Whisker value={value} low={low} high={high} />
      <span class="unseen">{interval}</span>
    </span>
  );
}
