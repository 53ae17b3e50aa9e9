/**
 * The address of a page, below the site's own: `signals/{id}?tab=open`, `performance?days=7`.
 * The first segment names the page, the second an item on it; the query holds the page's settings.
 * `<base>` in index.html is the site's address; links are relative to it.
 */

import { useEffect, useState } from "preact/hooks";

export interface Address {
  /** Path of the page; empty for the first page. */
  readonly page: string;
  /** The item that is open on the page, such as a signal's id. */
  readonly id: string | null;
  readonly query: URLSearchParams;
}

const FILE = "index.html";

/** Read an address below the site's own. */
export function readAddress(address: string): Address {
  const [path = "", query = ""] = address.split("?", 2);
  const [page = "", id = ""] = path.replace(/^\.?\//, "").split("/");
  return {
    page: page === FILE ? "" : page,
    id: id === "" ? null : decoded(id),
    query: new URLSearchParams(query),
  };
}

/** The link to a page; query values that are null are left out. */
export function href(
  page: string,
  query: Readonly<Record<string, string | null>> = {},
  id: string | null = null,
): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== null);
  const item = id === null ? "" : `/${encodeURIComponent(id)}`;
  return `./${page}${item}${given.length === 0 ? "" : `?${new URLSearchParams(given)}`}`;
}

/** Go there; a link to where the page is already adds no step to the history. */
export function go(href: string): void {
  const url = new URL(href, document.baseURI).href;
  if (url !== window.location.href) window.history.pushState(null, "", url);
  changed();
}

/** Go there without a step for the browser's back button: while typing, or changing a filter. */
export function replace(href: string): void {
  window.history.replaceState(null, "", new URL(href, document.baseURI));
  changed();
}

/** The address at this moment: a change follows the last one, also before the page is drawn again. */
export function currentAddress(): Address {
  const { pathname, search } = window.location;
  return readAddress(below(new URL(document.baseURI).pathname, pathname) + search);
}

/** The current address; the same object until it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(() => {
    followOldLink();
    return currentAddress();
  });
  useEffect(() => {
    const changed = () => {
      followOldLink();
      setAddress(currentAddress());
    };
    window.addEventListener("popstate", changed);
    return () => window.removeEventListener("popstate", changed);
  }, []);
  return address;
}

/** A path below the site's own path; empty for one that is not below it. */
export function below(site: string, path: string): string {
  return path.startsWith(site) ? path.slice(site.length) : "";
}

/** The address in an old link, which had it after a `#`; null if there is none. */
export function oldAddress(hash: string): string | null {
  return hash.startsWith("#/") ? `.${hash.slice(1)}` : null;
}

function followOldLink(): void {
  const old = oldAddress(window.location.hash);
  if (old !== null) window.history.replaceState(null, "", new URL(old, document.baseURI));
}

/** A browser reports only steps through its history; this reports ours. */
function changed(): void {
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a broken escape: no item has this id
  }
}
