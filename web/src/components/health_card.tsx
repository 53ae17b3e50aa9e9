/** Whether the service is well: in a word, and by its parts. */

import type { Health } from "../api/health";
import { known, latency, span, whole } from "../format";
import type { Resource } from "../resource";
import { Card, Loaded } from "./card";
import { Fact } from "./detail/fact";
import { Icon } from "./icons";

export function HealthCard({ health }: { health: Resource<Health> }) {
  return (
    <Card
      title="Health"
      aside={health.value !== null && <HealthBadge status={health.value.status} />}
    >
      <Loaded of={health} rows={4}>
        {(value) => (
          <>
            <ul class="components">
              {value.components.map(([name, said]) => (
                <li key={name} class={said === "ok" ? "good" : "warn"}>
                  <Icon name={said === "ok" ? "tp_hit" : "sl_hit"} />
                  <span class="name">{name}</span>
                  <span class="said">{said}</span>
                </li>
              ))}
            </ul>
            <dl class="facts">
              <Fact
                name="Feed heard"
                value={known(value.feed_age_s, (s) => `${latency(s * 1000)} ago`)}
              />
              <Fact
                name="Lag of the fold"
                value={known(value.lag_ms, (ms) => latency(Math.max(0, ms)))}
              />
              <Fact name="Up" value={known(value.uptime_s, (s) => span(s * 1000))} />
              <Fact name="Symbols" value={known(value.symbols, whole)} />
              <Fact name="Gaps, 24 h" value={gaps(value)} />
              <Fact name="Policy" value={value.policy_digest?.slice(0, 12) ?? "–"} />
            </dl>
          </>
        )}
      </Loaded>
    </Card>
  );
}

function gaps({ gaps: found }: Health): string {
  if (found === null || found.last_24h === null) return "–";
  const lost = found.lost_bars_24h ?? 0;
  return lost === 0 ? `${found.last_24h}, no bar lost` : `${found.last_24h}, ${lost} bars lost`;
}

export function HealthBadge({ status }: { status: string }) {
  const well = status === "ok";
  return (
    <span class={`status ${well ? "tp_hit" : "sl_hit"}`}>
      <Icon name={well ? "tp_hit" : "sl_hit"} />
      {well ? "OK" : status}
    </span>
  );
}
