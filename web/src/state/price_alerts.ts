/** Alerts that this page waits for by itself, where the browser has no push: in its storage. */

import { useEffect, useState } from "preact/hooks";

import { readAlert } from "../api/price_alerts";
import { store, stored } from "../browser/storage";
import { list, record } from "../values/json";
import type { PriceAlert } from "../values/price_alert";

const NAME = "price-alerts";
export const MOST = 20;

const listeners = new Set<() => void>();

/** The alerts of this browser; what cannot be read is left out. */
export function localAlerts(): readonly PriceAlert[] {
  try {
    const found: readonly unknown[] = list(JSON.parse(stored(NAME) ?? "[]"));
    return found.flatMap((one) => readAlert(record(one) ?? {}) ?? []);
  } catch {
    return [];
  }
}

/** Add an alert; one of the same symbol and price is replaced. False: there are too many. */
export function addLocalAlert(alert: PriceAlert): boolean {
  const others = localAlerts().filter(({ id }) => id !== alert.id);
  if (others.length >= MOST) return false;
  write([...others, alert]);
  return true;
}

export function removeLocalAlert(id: string): void {
  write(localAlerts().filter((one) => one.id !== id));
}

function write(alerts: readonly PriceAlert[]): void {
  store(NAME, alerts.length === 0 ? null : JSON.stringify(alerts));
  listeners.forEach((changed) => changed());
}

/** The alerts of this browser, as they change. */
export function useLocalAlerts(): readonly PriceAlert[] {
  const [alerts, setAlerts] = useState(localAlerts);
  useEffect(() => {
    const changed = () => setAlerts(localAlerts());
    listeners.add(changed);
    return () => void listeners.delete(changed);
  }, []);
  return alerts;
}
