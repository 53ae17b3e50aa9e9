/** The wall clock, for texts that show an age or the time left; one timer moves them all. */

import { useEffect, useState } from "preact/hooks";

const watchers = new Set<(now: number) => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The current time (ms), updated each second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => watch(setNow), []);
  return now;
}

function watch(watcher: (now: number) => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => watchers.forEach((each) => each(Date.now())), 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
