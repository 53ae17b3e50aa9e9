/** What the performance page shows, as its address holds it; default values are left out. */

import type { Study } from "../api/performance";
import { choice } from "../values/json";
import { href } from "./address";

export const PERFORMANCE_PATH = "performance";
/** The page of reports, which the performance page links to. */
export const REPORTS_PATH = "reports";
export const DAYS = [1, 7, 30, 90, 365] as const;
export const DEFAULT_STUDY: Study = {
  days: 30,
  symbol: null,
  direction: null,
  policy: null,
  market: null,
  strategy: null,
};

/** Read a study; unknown values are replaced by their defaults. */
export function readStudy(query: URLSearchParams): Study {
  return {
    days: DAYS.find((days) => String(days) === query.get("days")) ?? DEFAULT_STUDY.days,
    symbol: query.get("symbol") || null,
    direction: choice(query.get("direction"), ["long", "short"] as const),
    policy: query.get("policy") || null,
    market: query.get("market") || null,
    strategy: query.get("strategy") || null,
  };
}

export function performanceHref({ days, ...rest }: Study = DEFAULT_STUDY): string {
  const query = { days: days === DEFAULT_STUDY.days ? null : String(days), ...rest };
  return href(PERFORMANCE_PATH, query);
}
