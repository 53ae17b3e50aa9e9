/** Something asked of the API: what came, what went wrong, how old it is, and asked again. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Resource<T> {
  /** The last that came; it stays while a newer one is being asked for, or fails to come. */
  readonly value: T | null;
  readonly error: string | null;
  /** Wall time (ms) of `value`. */
  readonly at: number | null;
  reload(): void;
}

interface Kept<T> {
  readonly key: string;
  readonly value: T | null;
  readonly error: string | null;
  readonly at: number | null;
}

export type Load<T> = (cancel: AbortSignal) => Promise<T>;

/**
 * Load what `key` names, once, or again every so many ms while the page is visible. Another key is
 * another thing: nothing of the former is shown under it. A null key asks for nothing.
 */
export function useResource<T>(
  key: string | null,
  load: Load<T>,
  every_ms: number | null = null,
): Resource<T> {
  const [kept, setKept] = useState<Kept<T> | null>(null);
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    if (key === null) return;
    const cancel = new AbortController();
    const run = () => void keep(key, latest.current, cancel.signal, setKept);
    run();
    const timer = every_ms === null ? undefined : setInterval(() => visible() && run(), every_ms);
    return () => {
      cancel.abort();
      clearInterval(timer);
    };
  }, [key, turn, every_ms]);

  const current = kept !== null && kept.key === key ? kept : NOTHING;
  return { value: current.value, error: current.error, at: current.at, reload };
}

const NOTHING = { value: null, error: null, at: null };

async function keep<T>(
  key: string,
  load: Load<T>,
  cancel: AbortSignal,
  set: (change: (before: Kept<T> | null) => Kept<T>) => void,
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
