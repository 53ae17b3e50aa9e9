/** Single-key shortcuts. They rest while someone types, and can be switched off (WCAG 2.1.4). */

import { useEffect, useRef } from "preact/hooks";

export type Bindings = Readonly<Record<string, () => void>>;

/** Names of the shortcuts, for the help. */
export const SHORTCUTS: readonly (readonly [string, string])[] = [
  ["/", "Search the signals"],
  ["j, k", "Next, previous signal"],
  ["Enter", "Open the signal"],
  ["Esc", "Close, or leave the search"],
  ["1 … 5", "Overview, signals, performance, dashboard, chat"],
  ["u", "UTC or local time"],
  ["t", "Dark or light"],
  ["?", "This help"],
];

export function useKeys(enabled: boolean, bindings: Bindings): void {
  const latest = useRef<Bindings>({});
  latest.current = enabled ? bindings : {};
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const action = latest.current[event.key];
      if (action === undefined || !isFree(event)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

/** Nobody is typing, and the browser's own combinations stay the browser's. */
function isFree(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = event.target as HTMLElement;
  return !target.matches("input, select, textarea, [contenteditable]");
}
