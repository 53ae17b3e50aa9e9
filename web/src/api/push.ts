/** Web Push at the API: the sender's key, and this browser's subscription. */

import type { PushTarget } from "../browser/push";
import { choice, list, number, record, text, texts } from "../values/json";
import type { Client } from "./client";

export const LOUDNESS = ["on", "silent", "off"] as const;
export type Loudness = (typeof LOUDNESS)[number];

/** What a browser or an address receives. */
export interface Preferences {
  /** None: all. */
  readonly symbols: readonly string[];
  readonly min_score: number;
  readonly opened: Loudness;
  readonly closed: Loudness;
  /** From this hour to that one, in the time zone. */
  readonly quiet: readonly [number, number] | null;
  readonly timezone: string;
  readonly language: string;
  readonly digest_after_quiet: boolean;
}

export const USUAL: Preferences = {
  symbols: [],
  min_score: 0,
  opened: "on",
  closed: "on",
  quiet: null,
  timezone: "UTC",
  language: "en",
  digest_after_quiet: false,
};

/** The key that browsers subscribe with; null where the stack sends none. */
export async function fetchPushKey(client: Client, cancel: AbortSignal): Promise<string | null> {
  return text(record(await client.get("/push/key", {}, cancel))?.["key"]);
}

/** Store this browser's subscription and what it receives; returns the latter as stored. */
export async function savePush(
  client: Client,
  subscription: PushTarget,
  preferences: Preferences,
): Promise<Preferences> {
  const raw = record(await client.post("/push/subscriptions", { subscription, preferences }));
  return readPreferences(raw?.["preferences"]);
}

export async function removePush(client: Client, id: string): Promise<void> {
  await client.remove(`/push/subscriptions/${id}`);
}

/** Preferences from JSON; what cannot be read is as usual. */
export function readPreferences(value: unknown): Preferences {
  const raw = record(value) ?? {};
  const [start, end] = list(raw["quiet"]).map(number);
  return {
    symbols: texts(raw["symbols"]),
    min_score: number(raw["min_score"]) ?? USUAL.min_score,
    opened: choice(raw["opened"], LOUDNESS) ?? USUAL.opened,
    closed: choice(raw["closed"], LOUDNESS) ?? USUAL.closed,
    quiet: start == null || end == null ? null : [start, end],
    timezone: text(raw["timezone"]) ?? USUAL.timezone,
    language: text(raw["language"]) ?? USUAL.language,
    digest_after_quiet: raw["digest_after_quiet"] === true,
  };
}
