/**
 * The address of a page, after the `#`: `#/`, `#/signals/{id}?tab=open`, `#/performance?days=7`.
 * The first segment names the page, the second an item on it; the query holds the page's settings.
 */

import { useEffect, useState } from "preact/hooks";

export interface Address {
  /** Path of the page; empty for the first page. */
  readonly page: string;
  /** The item that is open on the page, such as a signal's id. */
  readonly id: string | null;
  readonly query: URLSearchParams;
}

export function readAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page = "", id = ""] = path.split("/");
  return { page, id: id === "" ? null : decoded(id), query: new URLSearchParams(query) };
}

/** The link to a page; query values that are null are left out. */
export function href(
  page: string,
  query: Readonly<Record<string, string | null>> = {},
  id: string | null = null,
): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null);
  const item = id === null ? "" : `/${encodeURIComponent(id)}`;
  return `#/${page}${item}${given.length === 0 ? "" : `?${new URLSearchParams(given)}`}`;
}

export function go(href: string): void {
  window.location.hash = href;
}

/** Go there without a step for the browser's back button: while typing, or changing a filter. */
export function replace(href: string): void {
  window.location.replace(href);
}

/** The address at this moment: a change follows the last one, also before the page is drawn again. */
export function currentAddress(): Address {
  return readAddress(window.location.hash);
}

/** The current address; the same object until it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(currentAddress);
  useEffect(() => {
    const changed = () => setAddress(currentAddress());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return address;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a broken escape: no item has this id
  }
}
