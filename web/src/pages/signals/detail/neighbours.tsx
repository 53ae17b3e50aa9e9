/** The scored closes around a signal, with the reason of each verdict. */

import { useState } from "preact/hooks";

import type { Neighbour } from "../../../api/explain";
import { signalsHref } from "../../../routing/view";
import { t } from "../../../text/catalogue";
import { known, moment, score, type Zone } from "../../../values/format";
import { side, title } from "../../../values/names";
import { reason } from "../../../values/reasons";
import type { Signal } from "../../../values/signal";

interface Props {
  neighbours: readonly Neighbour[];
  signal: Signal;
  zone: Zone;
}

/** The number of nearest closes shown at first. */
const NEAREST = 6;

export function Neighbours({ neighbours, signal, zone }: Props) {
  const [all, setAll] = useState(false);
  const others = neighbours
    .filter((one) => one.signal_id !== signal.id)
    .sort((a, b) => distance(a, signal) - distance(b, signal));
  if (others.length === 0) {
    return <p class="muted">{t("detail.noOthers", { symbol: signal.symbol })}</p>;
  }
  const shown = others
    .slice(0, all ? undefined : NEAREST)
    .sort((a, b) => a.close_time - b.close_time);
  return (
    <>
      <ul class="neighbours">
        {shown.map((one) => (
          <li key={one.close_time}>
            <span class="when">
              {moment(one.close_time, zone).minute}
              <span class="muted"> {away(one.close_time - signal.close_time)}</span>
            </span>
            <span class={`verdict ${one.verdict}`}>
              {one.signal_id === null ? (
                title(one.verdict)
              ) : (
                <a href={signalsHref({}, one.signal_id)}>{title(one.verdict)}</a>
              )}
            </span>
            <span>{one.direction === null ? "" : side(one.direction)}</span>
            <span class="numeric">{known(one.score, score)}</span>
            {one.reason !== null && <span class="reason muted">{reason(one.reason)}</span>}
          </li>
        ))}
      </ul>
      {others.length > shown.length && (
        <button class="button small" type="button" onClick={() => setAll(true)}>
          {t("detail.showAll", { n: others.length })}
        </button>
      )}
    </>
  );
}

function distance(one: Neighbour, signal: Signal): number {
  return Math.abs(one.close_time - signal.close_time);
}

function away(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  return `${ms < 0 ? "\u2212" : "+"}${minutes} min`;
}
