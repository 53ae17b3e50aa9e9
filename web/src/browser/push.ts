/** Web Push as the browser has it: whether there is any, and this browser's subscription. */

/** What the browser allows: `install` is iOS, where only an installed page may. */
export type PushSupport = "supported" | "install" | "unsupported";

export interface PushTarget {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export function pushSupport(): PushSupport {
  if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
    return "supported";
  }
  const apple = /iPhone|iPad|iPod/.test(navigator.userAgent);
  const installed = window.matchMedia("(display-mode: standalone)").matches;
  return apple && !installed ? "install" : "unsupported";
}

/** This browser's subscription; null while there is none. */
export async function pushTarget(): Promise<PushTarget | null> {
  const worker = await navigator.serviceWorker.getRegistration();
  const found = await worker?.pushManager.getSubscription();
  return found ? target(found) : null;
}

/** Subscribe with the sender's key; a subscription with another key is replaced. */
export async function subscribePush(key: string): Promise<PushTarget> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  const old = await pushManager.getSubscription();
  if (old !== null && !same(old.options.applicationServerKey, options.applicationServerKey)) {
    await old.unsubscribe();
  }
  return target(await pushManager.subscribe(options));
}

/** What the service worker needs when the browser replaces the subscription while no page is open. */
export interface PushState {
  /** The API's address, and the key to subscribe with. */
  readonly api: string;
  readonly key: string;
  readonly preferences: object;
}

/** A cache of its own: those of a version are removed with it. The worker reads the same names. */
const CACHE = "signalengine-push";
const FILE = "push.json";

/** Store what the worker needs; null: nothing is subscribed any more. */
export async function leaveToWorker(state: PushState | null): Promise<void> {
  if (state === null) return void (await caches.delete(CACHE));
  const endpoint = (await pushTarget())?.endpoint ?? "";
  const body = JSON.stringify({ ...state, id: await pushId(endpoint) });
  await (await caches.open(CACHE)).put(FILE, new Response(body));
}

/** Whether the API has this subscription, as far as this browser stored it. */
export async function isKnown({ endpoint }: PushTarget): Promise<boolean> {
  const stored = await caches.match(FILE, { cacheName: CACHE });
  if (stored === undefined) return true; // of before there was such a note
  const { id } = (await stored.json()) as { readonly id: string };
  return id === (await pushId(endpoint));
}

/** End the subscription at the browser's push service. */
export async function unsubscribePush(): Promise<void> {
  const worker = await navigator.serviceWorker.getRegistration();
  await (await worker?.pushManager.getSubscription())?.unsubscribe();
}

/** The id by which the API knows an endpoint: a digest of it. */
export async function pushId(endpoint: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("").slice(0, 24);
}

/** The bytes of base64url. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function same(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const known = new Uint8Array(one ?? new ArrayBuffer());
  return known.length === other.length && known.every((byte, at) => byte === other[at]);
}

function target(subscription: PushSubscription): PushTarget {
  const { keys } = subscription.toJSON();
  return {
    endpoint: subscription.endpoint,
    keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" },
  };
}
