/** The API's token: kept for this tab, or on this device when asked to, and sent nowhere else. */

import { local, session, store, stored } from "./storage";

const NAME = "token";

export function readToken(): string | null {
  return stored(NAME, session) ?? stored(NAME, local);
}

/** Whether the token outlives the tab. */
export function tokenIsKept(): boolean {
  return stored(NAME, local) !== null;
}

/** Null forgets it everywhere. */
export function writeToken(token: string | null, keep: boolean): void {
  store(NAME, keep ? null : token, session);
  store(NAME, keep ? token : null, local);
}
