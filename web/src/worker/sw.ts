/**
 * The service worker: caches the page's files and nothing else: no signal, no price, no response of
 * the API. Pages are fetched from the network first, so that the newest version is shown; without a
 * network the cached files open, and the page shows that it is offline.
 */

/** Set by the build: the files of this version, relative to the scope. */
declare const FILES: readonly string[];

const worker = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = "signalengine ";
/** Files are named by their content, so their names identify the version. */
const CACHE = PREFIX + FILES.join(" ");
const NETWORK_MS = 4_000;

worker.addEventListener("install", (event) => {
  event.waitUntil(cacheFiles().then(() => worker.skipWaiting()));
});

async function cacheFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
  await cache.add("config.json").catch(() => undefined); // not part of the build: it may be missing
}

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith(PREFIX) && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(worker.registration.scope);
  const ours = url.origin === scope.origin && url.pathname.startsWith(scope.pathname);
  if (request.method !== "GET" || !ours) return; // responses of the API are not handled here
  if (url.pathname.startsWith(`${scope.pathname}assets/`)) event.respondWith(cached(request));
  else event.respondWith(networkFirst(request));
});

/** From the cache: a file named by its content never changes. */
async function cached(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** From the network, else the last response (of `config.json` too: it holds only addresses). */
async function networkFirst(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(NETWORK_MS) });
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const old = await cache.match(request, { ignoreSearch: true });
    const page = request.mode === "navigate" ? await cache.match("index.html") : undefined;
    if (old ?? page) return (old ?? page) as Response;
    throw error;
  }
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(String(event.notification.data)));
});

/** Bring the page to the front, at the signal of the notification. */
async function show(hash: string): Promise<void> {
  const url = new URL(`./index.html${hash}`, worker.registration.scope).href;
  const windows = await worker.clients.matchAll({ type: "window" });
  const [page] = windows;
  if (page === undefined) {
    await worker.clients.openWindow(url);
    return;
  }
  await page.navigate(url);
  await page.focus();
}

export {};
