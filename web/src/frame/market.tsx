/** The source of the prices, with a banner when they are not live. */

import { t } from "../text/catalogue";
import { moment, zoneOffset, type Zone } from "../values/format";
import type { Market } from "../values/signal";

export function MarketBadge({ market }: { market: Market | null }) {
  if (market === null) return null;
  return <span class={`market ${market}`}>{t(`frame.badge_${market}`)}</span>;
}

interface BannerProps {
  market: Market | null;
  /** The market's time, ms; not the wall clock's. */
  time: number | null;
  zone: Zone;
}

export function MarketBanner({ market, time, zone }: BannerProps) {
  if (market === null || market === "live") return null;
  const at = time === null ? null : moment(time, zone);
  const shown = at === null ? "–" : `${at.date} ${at.minute} ${zoneOffset(zone, time ?? 0)}`;
  return (
    <p class={`banner ${market}`}>
      {t(`frame.banner_${market}`)}
      <span class="market-time">{t("frame.marketTime", { time: shown })}</span>
    </p>
  );
}
