/** The user's preferences, stored in this browser: display, notifications, shortcuts, stars. */

import { useEffect, useLayoutEffect, useState } from "preact/hooks";

import { stored, store } from "../browser/storage";
import { language, setLanguage } from "../text/catalogue";
import { preferred, type Language } from "../text/languages";
import { asText, remembered, toggled, type Values } from "./stored_values";
import { USUAL_COLUMNS } from "./rows";

export type { Theme, Values } from "./stored_values";

export interface Preferences extends Values {
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
