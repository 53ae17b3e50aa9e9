/** The change of a price over the last day, or since its first stored hour. */

import { t } from "../../text/catalogue";
import { percent, shortTime, type Zone } from "../../values/format";
import type { DayChange } from "./day";

export function Change({ change, zone }: { change: DayChange | null; zone: Zone }) {
  if (change === null) return <span class="muted">–</span>;
  const since = t("symbol.since", { time: shortTime(change.since, zone) });
  return (
    <span title={since}>
      <span class={`numeric ${change.percent < 0 ? "bad" : "good"}`}>
        {percent(change.percent)}
      </span>{" "}
      <span class="muted small">{change.whole ? t("symbol.change") : since}</span>
    </span>
  );
}
