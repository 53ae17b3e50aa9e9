/** The health of the service: `GET /health`. */

import { t } from "../text/catalogue";
import { number, record, text } from "../values/json";
import { ApiError, type Client } from "./client";

export interface Health {
  readonly status: string;
  readonly uptime_s: number | null;
  /** State by component; a healthy one is `ok`. */
  readonly components: readonly (readonly [string, string])[];
  readonly feed_age_s: number | null;
  /** Exchange time of the newest heartbeat less the newest folded close. */
  readonly lag_ms: number | null;
  readonly symbols: number | null;
  readonly market: string | null;
  readonly policy_digest: string | null;
  readonly policy_name: string | null;
  readonly code_version: string | null;
  readonly gaps: Gaps | null;
}

export interface Gaps {
  readonly open: number | null;
  readonly last_24h: number | null;
  readonly lost_bars_24h: number | null;
}

export async function fetchHealth(client: Client, cancel: AbortSignal): Promise<Health> {
  const raw = record(await client.get("/health", {}, cancel));
  const status = text(raw?.["status"]);
  if (raw === null || status === null) throw new ApiError(t("errors.health"), null);
  const components = Object.entries(record(raw["components"]) ?? {});
  return {
    status,
    uptime_s: number(raw["uptime_seconds"]),
    components: components.map(([name, state]) => [name, text(state) ?? "unknown"] as const),
    feed_age_s: number(raw["feed_age_seconds"]),
    lag_ms: number(raw["lag_ms"]),
    symbols: number(raw["symbols"]),
    market: text(raw["market"]),
    policy_digest: text(raw["policy_digest"]),
    policy_name: text(raw["policy_name"]),
    code_version: text(raw["code_version"]),
    gaps: readGaps(raw["gaps"]),
  };
}

function readGaps(value: unknown): Gaps | null {
  const raw = record(value);
  if (raw === null) return null;
  return {
    open: number(raw["open"]),
    last_24h: number(raw["last_24h"]),
    lost_bars_24h: number(raw["lost_bars_24h"]),
  };
}
