/** Push in this browser: what it receives, as it was last stored, and whether it is on. */

import { readPreferences, USUAL, type Preferences } from "../api/push";
import { stored, store } from "../browser/storage";

const NAME = "push";

/** What this browser receives; null while push is off. */
export function rememberedPush(): Preferences | null {
  const text = stored(NAME);
  if (text === null) return null;
  try {
    return readPreferences(JSON.parse(text));
  } catch {
    return USUAL;
  }
}

export function rememberPush(preferences: Preferences | null): void {
  store(NAME, preferences === null ? null : JSON.stringify(preferences));
}

/** The symbols in a text, in capitals, without repetitions. */
export function symbolsIn(text: string): readonly string[] {
  const words = text.toUpperCase().split(/[\s,;]+/);
  return [...new Set(words.filter((word) => /^[A-Z0-9_]{1,40}$/.test(word)))].slice(0, 30);
}
