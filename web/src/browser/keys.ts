/** Single-key shortcuts: inactive while the user types, and optional (WCAG 2.1.4). */

import { useEffect, useRef } from "preact/hooks";

export type Bindings = Readonly<Record<string, () => void>>;

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

/** Whether the key is for us: no field has the focus, and it is no combination of the browser. */
function isFree(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = event.target as HTMLElement;
  return !target.matches("input, select, textarea, [contenteditable]");
}
