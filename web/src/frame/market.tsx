/** The source of the prices, with a banner when they are not live. */

import { moment, zoneOffset, type Zone } from "../values/format";
import type { Market } from "../values/signal";

const BADGES: Readonly<Record<Market, string>> = {
  live: "Live market",
  recording: "Recording",
  simulated: "Simulated",
};

const BANNERS: Readonly<Record<Market, string | null>> = {
  live: null,
  recording: "Recording: past market data, replayed.",
  simulated: "Simulated market: prices are generated, not real.",
};

export function MarketBadge({ market }: { market: Market | null }) {
  if (market === null) return null;
  return <span class={`market ${market}`}>{BADGES[market]}</span>;
}

interface BannerProps {
  market: Market | null;
  /** The market's time, ms; not the wall clock's. */
  time: number | null;
  zone: Zone;
}

export function MarketBanner({ market, time, zone }: BannerProps) {
  const text = market === null ? null : BANNERS[market];
  if (text === null) return null;
  const at = time === null ? null : moment(time, zone);
  return (
    <p class={`banner ${market ?? ""}`}>
      {text}
      {time !== null && at !== null && (
        <span class="market-time">
          Market time: {at.date} {at.minute} {zoneOffset(zone, time)}
        </span>
      )}
    </p>
  );
}
