/** Announces opened and closed signals to screen readers. */

import { statusText } from "../components/status";
import type { State } from "../state/store";
import { t } from "../text/catalogue";
import { score } from "../values/format";
import { side } from "../values/names";

export function Announcer({ state }: { state: State }) {
  const signal = state.news === null ? undefined : state.signals.get(state.news.id);
  return (
    <p class="unseen" role="status">
      {signal === undefined
        ? ""
        : state.news?.change === "opened"
          ? t("frame.announceNew", {
              side: side(signal.direction),
              symbol: signal.symbol,
              score: score(signal.score),
            })
          : t("frame.announceEnd", {
              side: side(signal.direction),
              symbol: signal.symbol,
              status: statusText(signal),
            })}
    </p>
  );
}
