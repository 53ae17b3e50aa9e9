/** The wall clock, for texts that show an age. */

import { useEffect, useState } from "preact/hooks";

/** The current time (ms), updated each second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
