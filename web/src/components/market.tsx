/** Which market the prices come from: what is not real must not look real. */

import type { Market } from "../signal";

const BADGES: Readonly<Record<Market, string>> = {
  live: "Live market",
  recording: "Recording",
  simulated: "Simulated",
};

const BANNERS: Readonly<Record<Market, string | null>> = {
  live: null,
  recording: "Recording: a past market, played back.",
  simulated: "Simulated market: prices are generated, not real.",
};

export function MarketBadge({ market }: { market: Market | null }) {
  if (market === null) return null;
  return <span class={`market ${market}`}>{BADGES[market]}</span>;
}

export function MarketBanner({ market }: { market: Market | null }) {
  const words = market === null ? null : BANNERS[market];
  return words === null ? null : <p class={`banner ${market ?? ""}`}>{words}</p>;
}
