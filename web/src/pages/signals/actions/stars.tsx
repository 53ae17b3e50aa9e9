/** The stars of a signal and of its symbol, in its drawer. */

import { Star } from "../../../components/star";
import { signalStar, symbolStar, type Preferences } from "../../../state/preferences";
import { t } from "../../../text/catalogue";
import type { Signal } from "../../../values/signal";

export function Stars({ signal, preferences }: { signal: Signal; preferences: Preferences }) {
  const [signalOn, toggleSignal] = signalStar(preferences, signal.id);
  const [symbolOn, toggleSymbol] = symbolStar(preferences, signal.symbol);
  return (
    <span class="stars">
      <Star
        of={t("settings.thisSignal")}
        words={t("settings.signal")}
        on={signalOn}
        onToggle={toggleSignal}
      />
      <Star
        of={t("settings.theSymbol", { symbol: signal.symbol })}
        words={t("signals.symbol")}
        on={symbolOn}
        onToggle={toggleSymbol}
      />
    </span>
  );
}
