/** The API's token: stored for this tab, or on this device; sent only to the stack's API. */

import { local, session, store, stored } from "./storage";

const NAME = "token";

export function readToken(): string | null {
  return stored(NAME, session) ?? stored(NAME, local);
}

/** Whether the token is stored on this device. */
export function isTokenOnDevice(): boolean {
  return stored(NAME, local) !== null;
}

/** Store the token for the tab or on the device; null deletes it from both. */
export function writeToken(token: string | null, onDevice: boolean): void {
  store(NAME, onDevice ? null : token, session);
  store(NAME, onDevice ? token : null, local);
}
