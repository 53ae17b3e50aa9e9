/** What happened to a position: its parts that were closed, and the moves of its stop. */

import { Fact } from "../../../components/fact";
import { decimalsFor, fullTime, percent, price, type Zone } from "../../../values/format";
import type { Signal } from "../../../values/signal";
import { allSteps, planned, stepName } from "../../../values/position";

interface Props {
  signal: Signal;
  zone: Zone;
}

export function Steps({ signal, zone }: Props) {
  const { exits, entry_price: entry, tp_price: tp, sl_price: sl } = signal;
  const decimals = decimalsFor(entry, tp, sl);
  const steps = allSteps(signal);
  const side = signal.direction === "long" ? 1 : -1;
  return (
    <>
      {exits !== null && <p class="muted">{planned(exits, decimals)}</p>}
      {steps.length === 0 ? (
        <p class="muted">Nothing yet.</p>
      ) : (
        <dl class="facts steps">
          {steps.map((step) => (
            <Fact
              key={step.name}
              name={`${stepName(step)} · ${fullTime(step.at, zone)}`}
              value={`${price(step.price, decimals)}, ${percent(side * (step.price / entry - 1) * 100)}`}
            />
          ))}
        </dl>
      )}
    </>
  );
}
