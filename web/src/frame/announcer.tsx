/** Announces opened and closed signals to screen readers. */

import { statusText } from "../components/status";
import type { State } from "../state/store";
import { score } from "../values/format";

export function Announcer({ state }: { state: State }) {
  const signal = state.news === null ? undefined : state.signals.get(state.news.id);
  return (
    <p class="unseen" role="status">
      {signal === undefined
        ? ""
        : state.news?.change === "opened"
          ? `New signal: ${signal.direction} ${signal.symbol}, score ${score(signal.score)}`
          : `${signal.direction} ${signal.symbol}: ${statusText(signal)}`}
    </p>
  );
}
