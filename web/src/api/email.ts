/** Signals by e-mail at the API: whether anybody may ask for them, and asking. */

import { record } from "../values/json";
import { ApiError, type Client } from "./client";
import type { Preferences } from "./push";

/** What is offered: nothing, a subscription, or none while the list is full. */
export type EmailOffer = "none" | "open" | "full";

/** An answer that cannot be read, or none, is no offer. */
export async function fetchEmailOffer(client: Client, cancel: AbortSignal): Promise<EmailOffer> {
  const raw = record(await client.get("/email/subscribe", {}, cancel).catch(() => null));
  if (raw?.["open"] !== true) return "none";
  return raw["full"] === true ? "full" : "open";
}

/** What became of a request; `sent` says nothing about the address. */
export type EmailOutcome = "sent" | "closed" | "many" | "refused";

/** Ask for the mail whose link confirms an address. Raises ApiError without an answer. */
export async function requestEmail(
  client: Client,
  address: string,
  { language, ...preferences }: Preferences,
): Promise<EmailOutcome> {
  try {
    await client.post("/email/subscribe", { address, language, preferences });
    return "sent";
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === null) throw error;
    const known: Readonly<Record<number, EmailOutcome>> = {
      400: "refused",
      404: "closed",
      429: "many",
    };
    const found = known[error.status];
    if (found === undefined) throw error;
    return found;
  }
}
