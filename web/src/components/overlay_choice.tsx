/** Which indicators are drawn with the bars, as checkboxes. */

import { OVERLAYS, type Overlay } from "../api/chart";
import type { ChartOptions } from "../state/chart_options";
import { t } from "../text/catalogue";

export function OverlayChoice({ options }: { options: ChartOptions }) {
  const names: Readonly<Record<Overlay, string>> = {
    ema: t("symbol.ema"),
    vwap: t("symbol.vwap"),
    bands: t("symbol.bands"),
    profile: t("symbol.profile"),
    swings: t("symbol.swings"),
    events: t("symbol.events"),
    strategies: t("symbol.strategies"),
  };
  return (
    <fieldset class="choice overlays">
      <legend class="unseen">{t("symbol.overlays")}</legend>
      {OVERLAYS.map((overlay) => (
        <label key={overlay}>
          <input
            type="checkbox"
            class="unseen"
            checked={options.overlays.includes(overlay)}
            onChange={() => options.toggle(overlay)}
          />
          <span>{names[overlay]}</span>
        </label>
      ))}
    </fieldset>
  );
}
