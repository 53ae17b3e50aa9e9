/** The browser's storage; where it is blocked, nothing is stored and no call fails. */

const PREFIX = "signalengine.";

export function stored(name: string, storage = local): string | null {
  try {
    return storage().getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Store a value; null deletes it. */
export function store(name: string, value: string | null, storage = local): void {
  try {
    if (value === null) storage().removeItem(PREFIX + name);
    else storage().setItem(PREFIX + name, value);
  } catch {
    return;
  }
}

/** Storage that lasts until it is deleted. */
export function local(): Storage {
  return window.localStorage;
}

/** Storage that lasts as long as the tab. */
export function session(): Storage {
  return window.sessionStorage;
}
