/** The components of the score, beside those of the other direction. */

import { ComponentName } from "../../../components/component_name";
import type { Decision } from "../../../api/explain";
import { t } from "../../../text/catalogue";
import { known, points, score, share } from "../../../values/format";
import { side } from "../../../values/names";
import type { Signal } from "../../../values/signal";

interface Props {
  signal: Signal;
  decision: Decision | null;
}

export function Components({ signal, decision }: Props) {
  const other = signal.direction === "long" ? "short" : "long";
  const against = decision?.scores.get(other) ?? null;
  const theirs = new Map(against?.components ?? []);
  const coverage = decision?.scores.get(signal.direction)?.coverage ?? null;
  return (
    <>
      <ul class="bars">
        {signal.components.map(([name, value]) => (
          <li key={name} class={value === null ? "missing" : ""}>
            <span class="name">
              <ComponentName name={name} />
            </span>
            <span class="track" aria-hidden="true">
              {value !== null && <span class="fill" style={{ width: percentOf(value) }} />}
              {against !== null && <Tick value={theirs.get(name) ?? null} />}
            </span>
            <span class="value">{value === null ? t("detail.noData") : points(value)}</span>
          </li>
        ))}
      </ul>
      {against !== null && (
        <p class="muted legend">
          <span class="tick" aria-hidden="true" />{" "}
          {t("detail.against", { side: side(other), score: known(against.score, score) })}
          {!against.backed && t("detail.unbacked")}.
          {coverage !== null &&
            coverage < 1 &&
            ` ${t("detail.coverage", { share: share(coverage) })}`}
        </p>
      )}
    </>
  );
}

function Tick({ value }: { value: number | null }) {
  return value === null ? null : <span class="tick" style={{ left: percentOf(value) }} />;
}

function percentOf(value: number): string {
  return `${Math.min(1, Math.max(0, value)) * 100}%`;
}
