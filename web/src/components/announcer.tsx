/** Tells screen readers what the highlight tells the eye. */

import { score } from "../format";
import type { State } from "../store";
import { statusText } from "./status";

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
