/** What happened to a position: its parts that were closed, and the moves of its stop. */

import { Fact } from "../../../components/fact";
import { t } from "../../../text/catalogue";
import { fullTime, known, multiple, percent, price, type Zone } from "../../../values/format";
import { gainedAt } from "../../../values/risk";
import type { Signal } from "../../../values/signal";
import { allSteps, planned, stepName } from "../../../values/position";

interface Props {
  signal: Signal;
  zone: Zone;
}

export function Steps({ signal, zone }: Props) {
  const { exits, entry_price: entry, tick_size: tick } = signal;
  const steps = allSteps(signal);
  const side = signal.direction === "long" ? 1 : -1;
  return (
    <>
      {exits !== null && <p class="muted">{planned(exits, tick)}</p>}
      {steps.length === 0 ? (
        <p class="muted">{t("detail.nothingYet")}</p>
      ) : (
        <dl class="facts steps">
          {steps.map((step) => (
            <Fact
              key={step.name}
              name={`${stepName(step)} · ${fullTime(step.at, zone)}`}
              value={[
                price(step.price, tick),
                percent(side * (step.price / entry - 1) * 100),
                known(gainedAt(signal, step.price), multiple),
              ].join(", ")}
            />
          ))}
        </dl>
      )}
    </>
  );
}
