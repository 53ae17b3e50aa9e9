/** The wall clock, for the few places that show how long ago something was. */

import { useEffect, useState } from "preact/hooks";

/** The present (ms), drawn anew each second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
