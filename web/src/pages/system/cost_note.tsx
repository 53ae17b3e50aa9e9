/** The estimated cost so far, by service, and the cost of a month at this rate. */

import type { Cost } from "../../api/system";
import { Nothing } from "../../components/card";
import { t } from "../../text/catalogue";
import { dollars, fullTime, plain, whole, type Zone } from "../../values/format";

/** Number of services shown on a line of their own; the others are summed. */
const SHOWN = 6;

export function CostNote({ cost, zone }: { cost: Cost | null; zone: Zone }) {
  if (cost === null || cost.usd === null) return <Nothing>{t("system.noCost")}</Nothing>;
  const [now] = cost.months;
  return (
    <>
      <p class="figure">{dollars(cost.usd)}</p>
      <p class="muted note">
        {cost.since !== null && `${t("system.since", { time: fullTime(cost.since, zone) })} `}
        {now !== undefined && t("system.month", { usd: dollars(now.usd), n: now.symbols })}
      </p>
      <ul class="components">
        {shortened(cost.services).map(([name, usd]) => (
          <li key={name}>
            <span class="name">{name}</span>
            <span class="state">{dollars(usd)}</span>
          </li>
        ))}
      </ul>
      <p class="muted note">{basis(cost)}</p>
    </>
  );
}

/** What the estimate rests on: counts, prices, and what is left out. */
function basis({ counted, billed, own_pace, region, priced_on }: Cost): string {
  const sentences = [t("system.prices", { region, day: priced_on }), t("system.notCounted")];
  sentences.push(t(own_pace ? "system.ownPace" : "system.recordedPace"));
  if (counted !== null) {
    const hours = plain(Math.round(counted.hours * 10) / 10);
    const { closes, events, opened, deliveries } = counted;
    const counts = { closes: whole(closes), events: whole(events), opened: whole(opened) };
    sentences.unshift(
      t("system.counted", { hours, ...counts, deliveries: whole(deliveries) }),
      ...(billed ? [] : [t("system.notBilled")]),
    );
  }
  return sentences.join(" ");
}

function shortened(services: Cost["services"]): Cost["services"] {
  if (services.length <= SHOWN + 1) return services;
  const rest = services.slice(SHOWN);
  const usd = rest.reduce((sum, [, one]) => sum + one, 0);
  return [...services.slice(0, SHOWN), [t("system.otherServices", { n: rest.length }), usd]];
}
