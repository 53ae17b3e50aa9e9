/** Which market the prices come from: what is not real must not look real. */

import { moment, zoneOffset, type Zone } from "../format";
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

interface BannerProps {
  market: Market | null;
  /** The market's own time, ms: it is not the one on the wall. */
  time: number | null;
  zone: Zone;
}

export function MarketBanner({ market, time, zone }: BannerProps) {
  const words = market === null ? null : BANNERS[market];
  if (words === null) return null;
  const at = time === null ? null : moment(time, zone);
  return (
    <p class={`banner ${market ?? ""}`}>
      {words}
      {time !== null && at !== null && (
        <span class="market-time">
          Its time: {at.date} {at.minute} {zoneOffset(zone, time)}
        </span>
      )}
    </p>
  );
}
