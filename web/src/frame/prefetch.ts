/** The code of the other pages is loaded before they are opened, so that a click does not wait. */

import { useEffect } from "preact/hooks";

import { pageAt, PAGES } from "../pages/registry";
import { readAddress } from "../routing/address";

/** For browsers that do not say when they are idle, ms. */
const LATER_MS = 1_000;

interface Connection {
  readonly saveData?: boolean;
}

/** While the browser is idle load one page after the other; at once the one a pointer is over. */
export function usePrefetch(): void {
  useEffect(() => {
    const stop = savesData() ? () => undefined : whileIdle(PAGES.map(({ code }) => code.load));
    document.addEventListener("pointerover", prefetchLink);
    document.addEventListener("focusin", prefetchLink);
    return () => {
      stop();
      document.removeEventListener("pointerover", prefetchLink);
      document.removeEventListener("focusin", prefetchLink);
    };
  }, []);
}

function savesData(): boolean {
  return (navigator as { connection?: Connection }).connection?.saveData === true;
}

/** Run tasks one after the other, each when the browser is idle; one that fails is left out. */
function whileIdle(tasks: readonly (() => Promise<void>)[]): () => void {
  let stopped = false;
  const next = (at: number): void => {
    const task = tasks[at];
    if (stopped || task === undefined) return;
    idle(
      () =>
        void task().then(
          () => next(at + 1),
          () => next(at + 1),
        ),
    );
  };
  next(0);
  return () => {
    stopped = true;
  };
}

function idle(task: () => void): void {
  if ("requestIdleCallback" in window) window.requestIdleCallback(task);
  else setTimeout(task, LATER_MS);
}

function prefetchLink({ target }: Event): void {
  const link = target instanceof Element ? target.closest("a") : null;
  if (link?.href.startsWith(document.baseURI) !== true) return;
  const { page } = readAddress(link.href.slice(document.baseURI.length));
  void pageAt(page)
    .code.load()
    .catch(() => undefined);
}
