/** The service worker: with it the page can be installed and opens without a network. */

/** Register it where the browser allows one: over HTTPS, or on this machine. */
export function install(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  void navigator.serviceWorker.register("./sw.js", { scope: "./" }).catch(() => undefined);
}

/** Call back when a version other than the running one has been installed. */
export function onUpdate(updated: () => void): () => void {
  const workers = "serviceWorker" in navigator ? navigator.serviceWorker : null;
  if (workers === null || workers.controller === null) return () => undefined;
  workers.addEventListener("controllerchange", updated);
  return () => workers.removeEventListener("controllerchange", updated);
}
