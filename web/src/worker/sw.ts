/**
 * The service worker: caches the page's files and nothing else: no signal, no price, no response of
 * the API, which may have the same origin. Pages are fetched from the network first, so that the
 * newest version is shown; without a network the cached files open, and the page shows that it is
 * offline.
 *
 * It shows what the stack sends by the browser's push service, also while no page is open.
 */

/** Set by the build: the files of this version, relative to the scope. */
declare const FILES: readonly string[];

const worker = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = "signalengine ";
/** Files are named by their content, so their names identify the version. */
const CACHE = PREFIX + FILES.join(" ");
const CONFIG = "config.json";
const NETWORK_MS = 4_000;

worker.addEventListener("install", (event) => {
  event.waitUntil(cacheFiles().then(() => worker.skipWaiting()));
});

async function cacheFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
  await cache.add(CONFIG).catch(() => undefined); // not part of the build: it may be missing
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
  if (request.method !== "GET" || !url.href.startsWith(scope.href)) return;
  const file = url.pathname.slice(scope.pathname.length);
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (file.startsWith("assets/")) event.respondWith(cached(request));
  else if (file === CONFIG || FILES.includes(file)) event.respondWith(networkFirst(request));
});

/** The page from the network, else the cached one: every path of the site has the same. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(NETWORK_MS) });
  } catch (error) {
    const old = await caches.match("index.html");
    if (old) return old;
    throw error;
  }
}

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
    if (old) return old;
    throw error;
  }
}

worker.addEventListener("push", (event) => {
  event.waitUntil(receive(event.data));
});

/** Show what the stack sent; the browser demands that each message is shown. */
async function receive(data: PushMessageData | null): Promise<void> {
  const { title, body, tag, url, silent, at, alert } = fields(data);
  const name = typeof tag === "string" ? tag : "signal";
  await worker.registration.showNotification(typeof title === "string" ? title : "SignalEngine", {
    body: typeof body === "string" ? body : "",
    tag: name,
    icon: "./icons/192.png",
    badge: "./icons/192.png",
    silent: silent === true,
    data: typeof url === "string" ? url : "",
    ...(typeof at === "number" ? { timestamp: at } : {}),
  });
  if (alert !== true) return;
  const pages = await worker.clients.matchAll({ type: "window" });
  pages.forEach((page) => page.postMessage({ alert: { title, body, url } }));
}

/** The fields of a message; none of one that is not as the stack writes them. */
function fields(data: PushMessageData | null): Readonly<Record<string, unknown>> {
  try {
    const found: unknown = data?.json();
    return typeof found === "object" && found !== null ? { ...found } : {};
  } catch {
    return {};
  }
}

worker.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(move((event as PushSubscriptionChangeEvent).newSubscription ?? null));
});

/** Written by the page (`browser/push.ts`): the API, the key and the preferences. */
const PUSH = { cache: "signalengine-push", file: "push.json" } as const;

interface PushState {
  readonly api: string;
  readonly key: string;
  readonly preferences: object;
  /** The subscription that is stored, by its id. */
  readonly id: string;
}

/**
 * Store the subscription that replaces an expired one, with the same preferences, and end that. The
 * browser gives the new one, or it is made here.
 */
async function move(given: PushSubscription | null): Promise<void> {
  const stored = await caches.match(PUSH.file, { cacheName: PUSH.cache });
  if (stored === undefined) return;
  const { api, key, preferences, id } = (await stored.json()) as PushState;
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const subscription = given ?? (await worker.registration.pushManager.subscribe(options));
  const saved = await fetch(`${api}/push/subscriptions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ subscription, preferences }),
  });
  if (!saved.ok) return; // without the API's token: the page stores it when its settings are opened
  const moved = (await saved.json()) as { readonly id: string };
  const next: PushState = { api, key, preferences, id: moved.id };
  const cache = await caches.open(PUSH.cache);
  await cache.put(PUSH.file, new Response(JSON.stringify(next)));
  if (moved.id !== id) await fetch(`${api}/push/subscriptions/${id}`, { method: "DELETE" });
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(String(event.notification.data)));
});

/** Bring the page to the front, at the signal of the notification. */
async function show(href: string): Promise<void> {
  const { scope } = worker.registration;
  const named = new URL(href, scope).href;
  const url = named.startsWith(scope) ? named : scope;
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
