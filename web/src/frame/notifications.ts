/** Notifications: new signals on the desktop, new and ended ones by sound. All are off by default. */

import { useEffect } from "preact/hooks";

import { beep, notify, type Sound } from "../browser/notify";
import { go } from "../routing/address";
import { signalsHref } from "../routing/view";
import type { Preferences } from "../state/preferences";
import { rememberedPush } from "../state/push";
import type { State } from "../state/store";
import { t } from "../text/catalogue";
import { price, score } from "../values/format";
import type { Signal } from "../values/signal";

/** Older signals (market time) were missed earlier and are not notified. */
const MAX_AGE_MS = 10 * 60_000;

export function useNotifications(state: State, preferences: Preferences, now: number): void {
  const { desktop } = preferences;
  useEffect(() => {
    const opened = recentlyOpened(state, now);
    const newest = opened.at(-1);
    const shown = desktop && rememberedPush() === null ? newest : undefined;
    if (shown !== undefined) void notify(...notification(shown, opened.length), go);
    const sounding = soundOf(state, preferences, now);
    if (sounding !== null) beep(sounding);
  }, [state.news]);
}

/** The sound of the last batch of messages: that of its newest signal which is chosen to sound. */
export function soundOf(state: State, chosen: SoundChoice, now: number): Sound | null {
  const wanted = (signal: Signal) =>
    signal.score >= chosen.soundScore &&
    (!chosen.soundStarred || chosen.starredSymbols.includes(signal.symbol));
  const opened = chosen.sound ? recentlyOpened(state, now).filter(wanted).at(-1) : undefined;
  if (opened !== undefined) return opened.direction === "long" ? "rising" : "falling";
  const ended = (state.news?.closed ?? [])
    .flatMap((id) => state.signals.get(id) ?? [])
    .filter(
      (signal) => wanted(signal) && now - (signal.ending?.closed_at ?? 0) * 1_000 < MAX_AGE_MS,
    );
  return chosen.closedSound && ended.length > 0 ? "ended" : null;
}

type SoundChoice = Pick<
  Preferences,
  "sound" | "closedSound" | "soundScore" | "soundStarred" | "starredSymbols"
>;

/** The signals opened by the last batch of messages that are still open and recent. */
export function recentlyOpened(state: State, now: number): readonly Signal[] {
  const ids = state.news?.opened ?? [];
  return ids
    .flatMap((id) => state.signals.get(id) ?? [])
    .filter((signal) => signal.status === "open" && now - signal.close_time < MAX_AGE_MS);
}

/** Title, text and link: a batch is one notification, of its newest signal and the batch's size. */
export function notification(signal: Signal, count: number): [string, string, string] {
  const more = count > 1 ? t("frame.andMore", { count: count - 1 }) : "";
  const at = (level: number) => price(level, signal.tick_size);
  const side = t(signal.direction === "long" ? "status.LONG" : "status.SHORT");
  return [
    `${side} ${signal.symbol}${more}`,
    t("frame.notified", {
      score: score(signal.score),
      entry: at(signal.entry_price),
      tp: at(signal.tp_price),
      sl: at(signal.sl_price),
    }),
    signalsHref({}, signal.id),
  ];
}
