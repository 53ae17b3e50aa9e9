/** The browser's storage, which may be forbidden: then nothing is remembered, all else works. */

const PREFIX = "signalengine.";

export function stored(name: string, storage = local): string | null {
  try {
    return storage().getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Remember a value; null forgets it. */
export function store(name: string, value: string | null, storage = local): void {
  try {
    if (value === null) storage().removeItem(PREFIX + name);
    else storage().setItem(PREFIX + name, value);
  } catch {
    return;
  }
}

/** Kept until it is deleted. */
export function local(): Storage {
  return window.localStorage;
}

/** Gone with the tab. */
export function session(): Storage {
  return window.sessionStorage;
}
