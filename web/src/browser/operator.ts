/** The operator's token: for this tab only, and sent only to the stack's API in a header. */

import { session, store, stored } from "./storage";

const NAME = "operator";

export function readOperator(): string | null {
  return stored(NAME, session);
}

/** Store the token until the tab is closed; null deletes it. */
export function writeOperator(token: string | null): void {
  store(NAME, token, session);
}
