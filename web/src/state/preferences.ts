/** The user's preferences, stored in this browser: display, notifications, shortcuts, stars. */

import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import { stored, store } from "../browser/storage";
import { language, setLanguage } from "../text/catalogue";
<<<<<<< HEAD
import { preferred, type Language } from "../text/languages";
import { asText, remembered, toggled, type Values } from "./kept";
import { USUAL_COLUMNS } from "./rows";
=======
import { LANGUAGES, preferred, type Language } from "../text/languages";
import type { Zone } from "../values/format";
import { texts } from "../values/json";
>>>>>>> fdff8b19

export type { Theme, Values } from "./kept";

<<<<<<< HEAD
export interface Preferences extends Values {
=======
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
  readonly starredSymbols: readonly string[];
>>>>>>> fdff8b19
  set<K extends keyof Values>(name: K, value: Values[K]): void;
  /** Take several values at once, such as those of a file. */
  take(values: Partial<Values>): void;
  /** What was chosen or stored; the rest are defaults. */
  readonly chosen: Partial<Values>;
}

export const DEFAULTS: Omit<Values, "theme" | "language"> = {
  zone: "local",
  interval: "1m",
  desktop: false,
  sound: false,
  closedSound: false,
  soundScore: 0,
  soundStarred: false,
  keys: true,
  starredSymbols: [],
  starredSignals: [],
  columns: USUAL_COLUMNS,
  filters: [],
};

/** The language that this person chose, or else the first of the browser's that the page has. */
export function chosenLanguage(): Language {
  return remembered(stored).language ?? preferred(navigator.languages);
}

/** Use a language for all texts, and say so to screen readers. */
export async function show(chosen: Language): Promise<void> {
  await setLanguage(chosen);
  document.documentElement.lang = language();
}

export function usePreferences(): Preferences {
  const [values, setValues] = useState<Partial<Values>>(() => remembered(stored));
  const light = useMedia("(prefers-color-scheme: light)");
  const theme = values.theme ?? (light ? "light" : "dark");
  // A layout effect: it runs before the effects of the charts, which read the theme's colours.
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const take = (taken: Partial<Values>) => {
    for (const [name, value] of Object.entries(taken)) store(name, asText(value));
    const changed = () => setValues((before) => ({ ...before, ...taken }));
    if (taken.language === undefined) changed();
    else void show(taken.language).then(changed);
  };
  return {
<<<<<<< HEAD
    ...DEFAULTS,
    ...values,
    theme,
    language: language(),
    chosen: values,
    take,
    set: (name, value) => take({ [name]: value } as Partial<Values>),
  };
}

/** Whether a symbol is starred, and what stars it or takes its star. */
export function symbolStar(preferences: Preferences, symbol: string): [boolean, () => void] {
  const { starredSymbols, set } = preferences;
  const toggle = () => set("starredSymbols", toggled(starredSymbols, symbol));
  return [starredSymbols.includes(symbol), toggle];
}

/** Whether a signal is starred, and what stars it or takes its star. */
export function signalStar(preferences: Preferences, id: string): [boolean, () => void] {
  const { starredSignals, set } = preferences;
  return [starredSignals.includes(id), () => set("starredSignals", toggled(starredSignals, id))];
=======
    zone: "local",
    interval: "1m",
    desktop: false,
    sound: false,
    keys: true,
    starredSymbols: [],
    ...values,
    theme,
    language: language(),
    set: (name, value) => {
      store(name, typeof value === "object" ? JSON.stringify(value) : String(value));
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
    starredSymbols: readStars(stored("starredSymbols")),
  };
}

function readStars(text: string | null): readonly string[] {
  try {
    return texts(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}

/** Whether a symbol is starred, and what stars it or takes its star. */
export function symbolStar(preferences: Preferences, symbol: string): [boolean, () => void] {
  const { starredSymbols, set } = preferences;
  const on = starredSymbols.includes(symbol);
  const rest = starredSymbols.filter((one) => one !== symbol);
  return [on, () => set("starredSymbols", on ? rest : [...rest, symbol])];
}

const SWITCH = { true: true, false: false };

/** One stored value, if it is an allowed one. */
function remember<K extends keyof Values>(
  name: K,
  allowed: Readonly<Record<string, Values[K]>>,
): Partial<Values> {
  const found = Object.entries(allowed).find(([text]) => text === stored(name));
  return found === undefined ? {} : { [name]: found[1] };
>>>>>>> fdff8b19
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
