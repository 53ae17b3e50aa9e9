/** Links to pages of the site: followed without loading the page again. */

import { useEffect } from "preact/hooks";

import { below, go, readAddress } from "./address";

/** The page that explains one signal. */
export const HOW_IT_WORKS_PATH = "how-it-works";

/** What a click on a link means for the browser. */
export interface Click {
  readonly button: number;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly defaultPrevented: boolean;
}

/** Follow links to the pages that `isPage` knows by their first segment. */
export function useLinks(isPage: (page: string) => boolean): void {
  useEffect(() => {
    const clicked = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (link === null || link.target !== "" || !isPlain(event)) return;
      if (!leadsToPage(new URL(link.href), new URL(document.baseURI), isPage)) return;
      event.preventDefault();
      go(link.href);
    };
    document.addEventListener("click", clicked);
    return () => document.removeEventListener("click", clicked);
  }, [isPage]);
}

/** Whether it asks for no new tab or window, and nobody has taken it. */
export function isPlain(click: Click): boolean {
  const modified = click.altKey || click.ctrlKey || click.metaKey || click.shiftKey;
  return click.button === 0 && !modified && !click.defaultPrevented;
}

/** Whether a link leads to a page of the site, not to a file of it or to another site. */
export function leadsToPage(link: URL, site: URL, isPage: (page: string) => boolean): boolean {
  if (link.origin !== site.origin || !link.pathname.startsWith(site.pathname)) return false;
  return isPage(readAddress(below(site.pathname, link.pathname)).page);
}
