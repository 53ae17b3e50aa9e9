/** The user's preferences, stored in this browser: display, notifications, shortcuts. */

import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import { INTERVALS, type Interval } from "../api/bars";
import { stored, store } from "../browser/storage";
import { language, setLanguage } from "../text/catalogue";
import { LANGUAGES, preferred, type Language } from "../text/languages";
import type { Zone } from "../values/format";

export type Theme = "dark" | "light";

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly zone: Zone;
  /** Of the bars in a signal's chart. */
  readonly interval: Interval;
  /** Desktop notifications of new signals. */
  readonly desktop: boolean;
  /** A sound for new signals. */
  readonly sound: boolean;
  /** Single-key shortcuts. */
  readonly keys: boolean;
  set<K extends keyof Values>(name: K, value: Values[K]): void;
}

export type Values = Omit<Preferences, "set">;

/** The language that this person chose, or else the first of the browser's that the page has. */
export function chosenLanguage(): Language {
  return remembered().language ?? preferred(navigator.languages);
}

/** Use a language for all texts, and say so to screen readers. */
export async function show(chosen: Language): Promise<void> {
  await setLanguage(chosen);
  document.documentElement.lang = language();
}

export function usePreferences(): Preferences {
  const [values, setValues] = useState<Partial<Values>>(remembered);
  const light = useMedia("(prefers-color-scheme: light)");
  const theme = values.theme ?? (light ? "light" : "dark");
  // A layout effect: it runs before the effects of the charts, which read the theme's colours.
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return {
    zone: "local",
    interval: "1m",
    desktop: false,
    sound: false,
    keys: true,
    ...values,
    theme,
    language: language(),
    set: (name, value) => {
      store(name, String(value));
      const changed = () => setValues((before) => ({ ...before, [name]: value }));
      if (name === "language") void show(value as Language).then(changed);
      else changed();
    },
  };
}

function remembered(): Partial<Values> {
  return {
    ...remember("language", Object.fromEntries(LANGUAGES.map((name) => [name, name]))),
    ...remember("theme", { dark: "dark", light: "light" }),
    ...remember("zone", { utc: "utc", local: "local" }),
    ...remember("interval", Object.fromEntries(INTERVALS.map((name) => [name, name]))),
    ...remember("desktop", SWITCH),
    ...remember("sound", SWITCH),
    ...remember("keys", SWITCH),
  };
}

const SWITCH = { true: true, false: false };

/** One stored value, if it is an allowed one. */
function remember<K extends keyof Values>(
  name: K,
  allowed: Readonly<Record<string, Values[K]>>,
): Partial<Values> {
  const found = Object.entries(allowed).find(([text]) => text === stored(name));
  return found === undefined ? {} : { [name]: found[1] };
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const list = window.matchMedia(query);
    const changed = () => setMatches(list.matches);
    list.addEventListener("change", changed);
    return () => list.removeEventListener("change", changed);
  }, [query]);
  return matches;
}
