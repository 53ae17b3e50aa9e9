/** Data loaded from the API: the value, the error, the age, and periodic reloads. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { maybeStarting, STARTING_RETRY_MS } from "../api/client";

export interface Resource<T> {
  /** The last loaded value; it stays while a newer one is loading or failed to load. */
  readonly value: T | null;
  readonly error: string | null;
  /** The first request has failed as one to a server that is starting; the next one decides. */
  readonly starting: boolean;
  /** Wall time (ms) of `value`. */
  readonly at: number | null;
  reload(): void;
}

interface Loaded<T> {
  readonly key: string;
  readonly value: T | null;
  readonly error: string | null;
  readonly starting: boolean;
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
  const { starting } = current;
  useEffect(() => {
    if (!starting) return;
    const retry = setTimeout(reload, STARTING_RETRY_MS);
    return () => clearTimeout(retry);
  }, [starting, reload]);
  return { value: current.value, error: current.error, starting, at: current.at, reload };
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

const NOTHING = { value: null, error: null, starting: false, at: null };

async function fetchInto<T>(
  key: string,
  load: Load<T>,
  cancel: AbortSignal,
  set: (change: (before: Loaded<T> | null) => Loaded<T>) => void,
): Promise<void> {
  try {
    const value = await load(cancel);
    if (!cancel.aborted) set(() => ({ key, value, error: null, starting: false, at: Date.now() }));
  } catch (failure) {
    if (cancel.aborted) return;
    set((before) => failed(before?.key === key ? before : null, key, failure));
  }
}

/** A failure after the earlier result: the very first one may only mean that the server starts. */
function failed<T>(before: Loaded<T> | null, key: string, failure: unknown): Loaded<T> {
  if (before === null && maybeStarting(failure)) return { ...NOTHING, key, starting: true };
  return { ...(before ?? NOTHING), key, starting: false, error: (failure as Error).message };
}

function visible(): boolean {
  return document.visibilityState === "visible";
}
