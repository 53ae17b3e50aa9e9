/** Price alerts of this browser's push subscription: `/push/subscriptions/{id}/alerts`. */

import { choice, number, record, records, text, type Raw } from "../values/json";
import type { PriceAlert } from "../values/price_alert";
import type { Client } from "./client";

export async function fetchPriceAlerts(
  client: Client,
  pushId: string,
  cancel: AbortSignal,
): Promise<readonly PriceAlert[]> {
  const raw = record(await client.get(path(pushId), {}, cancel));
  return records(raw?.["alerts"]).flatMap((one) => readAlert(one) ?? []);
}

/** Have the stack wait for a price; rejects with an ApiError that says why it cannot be. */
export async function addPriceAlert(
  client: Client,
  pushId: string,
  symbol: string,
  price: number,
): Promise<void> {
  await client.post(path(pushId), { symbol, price });
}

export async function removePriceAlert(client: Client, pushId: string, id: string): Promise<void> {
  await client.remove(`${path(pushId)}/${id}`);
}

function path(pushId: string): string {
  return `/push/subscriptions/${pushId}/alerts`;
}

/** An alert from JSON; null where it is none. */
export function readAlert(raw: Raw): PriceAlert | null {
  const [id, symbol, price] = [text(raw["id"]), text(raw["symbol"]), number(raw["price"])];
  const direction = choice(raw["direction"], ["above", "below"] as const);
  if (id === null || symbol === null || price === null || direction === null) return null;
  const since = number(raw["since"]) ?? 0;
  return { id, symbol, price, direction, since, tick_size: number(raw["tick_size"]) };
}
