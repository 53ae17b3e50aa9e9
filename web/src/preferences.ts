/** What this browser remembers: the theme and the time zone. */

import { useEffect, useState } from "preact/hooks";

import type { Zone } from "./format";

export type Theme = "dark" | "light";

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [chosen, setChosen] = useStored<Theme>("theme", ["dark", "light"]);
  const light = useMedia("(prefers-color-scheme: light)");
  const theme = chosen ?? (light ? "light" : "dark");
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return [theme, setChosen];
}

export function useZone(): [Zone, (zone: Zone) => void] {
  const [chosen, setChosen] = useStored<Zone>("zone", ["utc", "local"]);
  return [chosen ?? "local", setChosen];
}

function useStored<T extends string>(
  name: string,
  allowed: readonly T[],
): [T | null, (value: T) => void] {
  const key = `signalengine.${name}`;
  const [value, setValue] = useState<T | null>(
    () => allowed.find((item) => item === stored(key)) ?? null,
  );
  const choose = (next: T) => {
    setValue(next);
    store(key, next);
  };
  return [value, choose];
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is forbidden: nothing is remembered, all else works
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return; // as above
  }
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
