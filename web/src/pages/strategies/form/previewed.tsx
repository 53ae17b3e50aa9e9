/** A preview: the chosen parameters, those of now, what differs, and the live sets of that week. */

import type { Preview, PreviewedSignal, Result } from "../../../api/preview";
import { tone } from "../../../components/card";
import { t } from "../../../text/catalogue";
import {
  known,
  multiple,
  percent,
  price,
  score,
  shortTime,
  whole,
  type Zone,
} from "../../../values/format";
import { meanInterval } from "../../../values/mean_interval";
import { words } from "../../../values/names";
import { wilson } from "../../../values/wilson";

type Interval = readonly [number, number] | null;

export function Previewed({ of, zone }: { of: Preview; zone: Zone }) {
  const { proposed, current } = of;
  return (
    <>
      <div class="scrolled" tabIndex={0} role="region" aria-label={t("strategies.week")}>
        <table class="plain set-week">
          <caption>
            {t("strategies.weekOf", { n: of.symbols.length })}{" "}
            <span class="badge hindsight">{t("performance.hindsight")}</span>
          </caption>
          <thead>
            <tr>
              <th scope="col">{t("strategies.setName")}</th>
              <Numeric name={t("strategies.closedN")} />
              <Numeric name={t("strategies.winRate")} />
              <Numeric name={t("strategies.mean")} />
              <Numeric name={t("strategies.meanR")} />
              <Numeric name={t("strategies.net")} />
            </tr>
          </thead>
          <tbody>
            <Row name={t("strategies.chosen")} of={proposed} />
            <Row name={t("strategies.registered")} of={current} />
            {of.live.map((one) => (
              <Row key={one.name} name={t("strategies.liveNow", { name: one.name })} of={one} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="note" data-difference>
        {difference(proposed, current)}
      </p>
      {of.unknown.length > 0 && (
        <p class="muted note">{t("strategies.unknown", { symbols: of.unknown.join(", ") })}</p>
      )}
      <ul class="muted note">
        {of.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      {proposed.signals.length > 0 && <Signals all={proposed.signals} zone={zone} />}
    </>
  );
}

function Numeric({ name }: { name: string }) {
  return (
    <th scope="col" class="numeric">
      {name}
    </th>
  );
}

function Row({ name, of }: { name: string; of: Result }) {
  const mean = of.closed === 0 ? null : of.net_pct / of.closed;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="numeric">
        {whole(of.closed)}
        {of.open > 0 && <span class="under">{t("strategies.stillOpen", { n: of.open })}</span>}
      </td>
      <td class="numeric">
        {of.closed === 0 ? "–" : score(of.wins / of.closed)}
        <Range of={wilson(of.wins, of.closed)} format={score} />
      </td>
      <td class={`numeric ${tone(mean)}`}>
        {known(mean, percent)}
        <Range of={interval(of)} format={percent} />
      </td>
      <td class="numeric">{of.r_count === 0 ? "–" : multiple(of.r_sum / of.r_count)}</td>
      <td class="numeric">{of.closed === 0 ? "–" : percent(of.net_pct)}</td>
    </tr>
  );
}

function Range({ of, format }: { of: Interval; format: (value: number) => string }) {
  if (of === null) return null;
  const [low, high] = of;
  return <span class="under">{t("sets.range", { low: format(low), high: format(high) })}</span>;
}

function interval(of: Result): Interval {
  return meanInterval(of.closed, of.net_pct, of.net_pct_squares);
}

/** How the two differ, and whether chance alone may be the reason. */
function difference(proposed: Result, current: Result): string {
  const more = proposed.closed - current.closed;
  const count = t("strategies.moreClosed", { by: `${more > 0 ? "+" : ""}${whole(more)}` });
  if (proposed.closed === 0 || current.closed === 0) return count;
  const mean = proposed.net_pct / proposed.closed - current.net_pct / current.closed;
  const [one, other] = [interval(proposed), interval(current)];
  const apart = one !== null && other !== null && (one[0] > other[1] || one[1] < other[0]);
  const means = t("strategies.meanBy", { by: percent(mean) });
  return `${count} ${means} ${t(apart ? "strategies.apart" : "strategies.byChance")}`;
}

function Signals({ all, zone }: { all: readonly PreviewedSignal[]; zone: Zone }) {
  return (
    <details class="set-signals">
      <summary>{t("strategies.signalsOf", { n: all.length })}</summary>
      <div class="scrolled" tabIndex={0} role="region" aria-label={t("strategies.listed")}>
        <table class="plain">
          <tbody>
            {all.map((one) => (
              <tr key={one.id}>
                <td>{shortTime(one.close_time, zone)}</td>
                <th scope="row">{one.symbol}</th>
                <td>{words(one.direction)}</td>
                <td class="numeric">{known(one.entry_price, (value) => price(value, null))}</td>
                <td>{words(one.outcome ?? "open")}</td>
                <td class={`numeric ${tone(one.net_pct)}`}>{known(one.net_pct, percent)}</td>
                <td class="numeric">{known(one.r, multiple)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
