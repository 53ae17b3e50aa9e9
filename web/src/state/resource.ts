/** Data loaded from the API: the value, the error, the age, and periodic reloads. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Resource<T> {
  /** The last loaded value; it stays while a newer one is loading or failed to load. */
  readonly value: T | null;
  readonly error: string | null;
  /** Wall time (ms) of `value`. */
  readonly at: number | null;
  reload(): void;
}

interface Loaded<T> {
  readonly key: string;
  readonly value: T | null;
  readonly error: string | null;
  readonly at: number | null;
}

export type Load<T> = (cancel: AbortSignal) => Promise<T>;

/**
 * Load a value, once, or every `every_ms` while the page is visible. A new key starts without a
 * value; a null key loads nothing.
 */
export function useResource<T>(
  key: string | null,
  load: Load<T>,
  every_ms: number | null = null,
): Resource<T> {
  const [loaded, setLoaded] = useState<Loaded<T> | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    if (key === null) return;
    const cancel = new AbortController();
    const run = () => void fetchInto(key, latest.current, cancel.signal, setLoaded);
    run();
    const timer = every_ms === null ? undefined : setInterval(() => visible() && run(), every_ms);
    return () => {
      cancel.abort();
      clearInterval(timer);
    };
  }, [key, turn, every_ms]);

  const current = loaded !== null && loaded.key === key ? loaded : NOTHING;
  return { value: current.value, error: current.error, at: current.at, reload };
}

/** So that an answer which was cached before the change is replaced, too. */
const AFTER_MS = [1_000, 15_000];

/** Reload a resource soon after a value has changed; null: it is not known yet. */
export function useReloadOn(value: unknown, reload: () => void): void {
  const known = useRef(value);
  useEffect(() => {
    const before = known.current;
    known.current = value;
    if (before === null || before === value) return;
    const timers = AFTER_MS.map((ms) => setTimeout(reload, ms));
    return () => timers.forEach(clearTimeout);
  }, [value, reload]);
}

const NOTHING = { value: null, error: null, at: null };

async function fetchInto<T>(
  key: string,
  load: Load<T>,
  cancel: AbortSignal,
  set: (change: (before: Loaded<T> | null) => Loaded<T>) => void,
): Promise<void> {
  try {
    const value = await load(cancel);
    if (!cancel.aborted) set(() => ({ key, value, error: null, at: Date.now() }));
  } catch (failure) {
    if (cancel.aborted) return;
    const error = (failure as Error).message;
    set((before) => ({ ...(before?.key === key ? before : NOTHING), key, error }));
  }
}

function visible(): boolean {
  return document.visibilityState === "visible";
}
