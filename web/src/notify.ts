/** Telling of new signals outside the page: a desktop notification, a sound. Both are opt-in. */

import { useEffect } from "preact/hooks";

import { price, score } from "./format";
import type { Preferences } from "./preferences";
import { href, signalsRoute } from "./route";
import type { Signal } from "./signal";
import type { State } from "./store";

/** What is older than this (market time) was caught up with: it is no news. */
const NEWS_MS = 10 * 60_000;

export type Permission = NotificationPermission | "unsupported";

export function permission(): Permission {
  return "Notification" in window ? Notification.permission : "unsupported";
}

/** Ask for the right to notify; must follow a click. */
export async function askPermission(): Promise<Permission> {
  return "Notification" in window ? Notification.requestPermission() : "unsupported";
}

export function useNotifications(state: State, preferences: Preferences, now: number): void {
  const { desktop, sound } = preferences;
  useEffect(() => {
    if (!desktop && !sound) return;
    const ids = state.news?.opened ?? [];
    const fresh = ids.flatMap((id) => state.signals.get(id) ?? []).filter(isNews(now));
    const newest = fresh.at(-1);
    if (newest === undefined) return;
    if (desktop) void show(newest, fresh.length);
    if (sound) beep(newest.direction === "long");
  }, [state.news]);
}

function isNews(now: number): (signal: Signal) => boolean {
  return (signal) => signal.status === "open" && now - signal.close_time < NEWS_MS;
}

/** A burst is one notification: it names its newest signal, and how many came with it. */
async function show(signal: Signal, count: number): Promise<void> {
  if (permission() !== "granted") return;
  const more = count > 1 ? ` and ${count - 1} more` : "";
  const title = `${signal.direction.toUpperCase()} ${signal.symbol}${more}`;
  const levels = `entry ${price(signal.entry_price)}, TP ${price(signal.tp_price)}`;
  const options = {
    body: `Score ${score(signal.score)}, ${levels}, SL ${price(signal.sl_price)}`,
    tag: "signal",
    icon: "./icons/192.png",
    data: href(signalsRoute({}, signal.id)),
  };
  // Phones notify only through a service worker; where there is none, the page does it.
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker !== undefined) return worker.showNotification(title, options);
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    window.location.hash = options.data;
  };
}

let context: AudioContext | null = null;

/** Two short tones: rising for a long, falling for a short. */
export function beep(rising: boolean): void {
  context ??= new AudioContext();
  const tones = rising ? [660, 880] : [880, 660];
  tones.forEach((hertz, n) => tone(context as AudioContext, hertz, n * 0.13));
}

function tone(audio: AudioContext, hertz: number, delay_s: number): void {
  const at = audio.currentTime + delay_s;
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0.12, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.12);
  source.connect(volume).connect(audio.destination);
  source.start(at);
  source.stop(at + 0.13);
}
