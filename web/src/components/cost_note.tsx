/** What the stack has cost so far, by service, and what a month makes at this pace. */

import type { Cost } from "../api/system";
import { dollars, whole, type Zone } from "../format";
import { Nothing } from "./card";
import { at } from "./detail/fact";

/** So many services have a line of their own; the others share one. */
const SHOWN = 6;

export function CostNote({ cost, zone }: { cost: Cost | null; zone: Zone }) {
  if (cost === null || cost.usd === null) {
    return <Nothing>{cost?.basis ?? "Not known: this stack tells no estimate."}</Nothing>;
  }
  const [now] = cost.months;
  return (
    <>
      <p class="figure">{dollars(cost.usd)}</p>
      <p class="muted note">
        {cost.since !== null && `Since ${at(cost.since, zone)}. `}
        {now !== undefined &&
          `A month at this pace: ${dollars(now.usd)} for ${whole(now.symbols)} symbols.`}
      </p>
      <ul class="components">
        {shortened(cost.services).map(([name, usd]) => (
          <li key={name}>
            <span class="name">{name}</span>
            <span class="said">{dollars(usd)}</span>
          </li>
        ))}
      </ul>
      <p class="muted note">{cost.basis}</p>
    </>
  );
}

function shortened(services: Cost["services"]): Cost["services"] {
  if (services.length <= SHOWN + 1) return services;
  const rest = services.slice(SHOWN);
  const usd = rest.reduce((sum, [, one]) => sum + one, 0);
  return [...services.slice(0, SHOWN), [`${rest.length} others`, usd]];
}
