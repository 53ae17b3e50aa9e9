/** The health of the service, overall and by component. */

import type { Health } from "../api/health";
import type { Resource } from "../state/resource";
import { t } from "../text/catalogue";
import { known, latency, duration, whole } from "../values/format";
import { policyName, title } from "../values/names";
import { reason } from "../values/reasons";
import { Card, Loaded } from "./card";
import { Fact } from "./fact";
import { Icon } from "./icons";

export function HealthCard({ health }: { health: Resource<Health> }) {
  return (
    <Card
      title={t("components.health")}
      class="health"
      aside={health.value !== null && <HealthBadge status={health.value.status} />}
    >
      <Loaded of={health} rows={4}>
        {(value) => (
          <>
            <ul class="components">
              {value.components.map(([name, state]) => (
                <li key={name} class={toneOf(state)}>
                  <Icon name={ICONS[toneOf(state)]} />
                  <span class="name">{title(name)}</span>
                  <span class="state">{reason(state)}</span>
                </li>
              ))}
            </ul>
            <dl class="facts">
              <Fact
                name={t("components.lastData")}
                value={known(value.feed_age_s, (s) =>
                  t("components.ago", { age: latency(s * 1000) }),
                )}
              />
              <Fact
                name={t("components.engineLag")}
                value={known(value.lag_ms, (ms) => latency(Math.max(0, ms)))}
              />
              <Fact
                name={t("components.uptime")}
                value={known(value.uptime_s, (s) => duration(s * 1000))}
              />
              <Fact name={t("components.symbols")} value={known(value.symbols, whole)} />
              <Fact name={t("components.gaps24h")} value={gaps(value)} />
              <Fact name={t("components.policy")} value={policyName(value) ?? "–"} />
            </dl>
          </>
        )}
      </Loaded>
    </Card>
  );
}

const ICONS = { good: "tp_hit", muted: "clock", warn: "sl_hit" } as const;

function toneOf(state: string): keyof typeof ICONS {
  if (state === "ok") return "good";
  return state.startsWith("starting") ? "muted" : "warn";
}

function gaps({ gaps: found }: Health): string {
  if (found === null || found.last_24h === null) return "–";
  const lost = found.lost_bars_24h ?? 0;
  const count = found.last_24h;
  return lost === 0
    ? t("components.noneLost", { count })
    : t("components.barsLost", { count, n: lost });
}

export function HealthBadge({ status }: { status: string }) {
  const healthy = status === "ok";
  return (
    <span class={`status ${healthy ? "tp_hit" : "sl_hit"}`}>
      <Icon name={healthy ? "tp_hit" : "sl_hit"} />
      {healthy ? "OK" : reason(status)}
    </span>
  );
}
