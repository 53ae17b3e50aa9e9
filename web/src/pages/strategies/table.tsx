/** The table of parameter sets: status, results with their intervals, its evidence, and why one is parked. */

import type { Strategy } from "../../api/strategies";
import { CurveKey } from "../../charts/curves_chart";
import { Whisker } from "../../charts/whisker";
import { tone } from "../../components/card";
import { Term } from "../../components/term";
import { href } from "../../routing/address";
import { signalsHref } from "../../routing/view";
import { t } from "../../text/catalogue";
import { known, percent, plain, score, shortTime, whole, type Zone } from "../../values/format";
import { evidenceText } from "../../values/names";

/** Below this number of closed signals a row is faint. */
const ENOUGH = 30;

interface Props {
  sets: readonly Strategy[];
  /** Names of those with a curve, in its order. */
  drawn: readonly string[];
  zone: Zone;
}

export function SetsTable({ sets, drawn, zone }: Props) {
  return (
    <div class="scrolled" tabIndex={0} role="region" aria-label={t("sets.scrollable")}>
      <table class="plain sets">
        <thead>
          <tr>
            <th scope="col">
              <Term of="parameter-set">{t("sets.set")}</Term>
            </th>
            <th scope="col">{t("sets.status")}</th>
            <Numeric name={t("sets.closed")} term="n" />
            <th scope="col">
              <Term of="win-rate">{t("sets.winRate")}</Term>
            </th>
            <Numeric name={t("sets.mean")} term="net-return" />
            <Numeric name={t("sets.sum")} />
            <Numeric name={t("sets.open")} />
            <Numeric name={t("sets.last")} />
          </tr>
        </thead>
        <tbody>
          {sets.map((set) => (
            <Row key={set.name} set={set} curve={drawn.indexOf(set.name)} zone={zone} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Numeric({ name, term }: { name: string; term?: string }) {
  return (
    <th scope="col" class="numeric">
      {term === undefined ? name : <Term of={term}>{name}</Term>}
    </th>
  );
}

function Row({ set, curve, zone }: { set: Strategy; curve: number; zone: Zone }) {
  return (
    <tr class={set.closed < ENOUGH ? "faint" : ""} data-set={set.name}>
      <th scope="row">
        <a href={signalsHref({ strategy: set.name })}>{set.name}</a>{" "}
        {curve >= 0 && <CurveKey at={curve} />}
        <span class="under">{parameters(set)}</span>
        <a class="under go" href={href("strategies", {}, set.name)}>
          {t("strategies.open")}
        </a>
      </th>
      <td>
        <span class={`set-status ${set.status}`}>{t(`sets.status_${set.status}`)}</span>
        {set.since !== null && (
          <span class="under">{t("sets.since", { time: shortTime(set.since, zone) })}</span>
        )}
        {set.reason !== "" && <span class="under reason">{set.reason}</span>}
        {set.evidence !== "" && <span class="under evidence">{evidenceText(set.evidence)}</span>}
      </td>
      <td class="numeric">{whole(set.closed)}</td>
      <td>
        <Rate set={set} />
      </td>
      <td class="numeric">
        <span class={tone(set.avg_return)}>{known(set.avg_return, percent)}</span>
        <span class="under">{range(set.avg_return_low, set.avg_return_high, percent)}</span>
      </td>
      <td class={`numeric ${tone(set.total_return)}`}>
        {set.closed === 0 ? "–" : known(set.total_return, percent)}
      </td>
      <td class="numeric">{whole(set.open)}</td>
      <td class="numeric">{known(set.last_signal, (ms) => shortTime(ms, zone))}</td>
    </tr>
  );
}

function Rate({ set }: { set: Strategy }) {
  const { win_rate: value, win_rate_low: low, win_rate_high: high } = set;
  if (value === null) return <>–</>;
  return (
    <span class="rate" title={range(low, high, score)}>
      <span class="numeric">{score(value)}</span>
      <Whisker value={value} low={low} high={high} />
      <span class="unseen">{range(low, high, score)}</span>
    </span>
  );
}

/** `20% to 40%`; empty where the interval is not known. */
function range(low: number | null, high: number | null, format: (value: number) => string): string {
  if (low === null || high === null) return "";
  return t("sets.range", { low: format(low), high: format(high) });
}

/** `days 10, sl 2`; the digest of a set without parameters, as of the policy. */
function parameters({ parameters: all, digest }: Strategy): string {
  if (all.length === 0) return digest;
  return all.map(([name, value]) => `${name} ${value === null ? "?" : plain(value)}`).join(", ");
}
