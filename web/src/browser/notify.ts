/** Desktop notifications and sounds. */

export type Permission = NotificationPermission | "unsupported";

export function permission(): Permission {
  return "Notification" in window ? Notification.permission : "unsupported";
}

/** Ask the user for permission to notify; must follow a click. */
export async function requestPermission(): Promise<Permission> {
  return "Notification" in window ? Notification.requestPermission() : "unsupported";
}

/** Show a desktop notification, if permitted; a click on it opens `href`. */
export async function notify(
  title: string,
  body: string,
  href: string,
  open: (href: string) => void,
): Promise<void> {
  if (permission() !== "granted") return;
  const options = { body, tag: "signal", icon: "./icons/192.png", data: href };
  // Phones notify only through a service worker; without one the page itself does.
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker !== undefined) return worker.showNotification(title, options);
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    open(href);
  };
}

let context: AudioContext | null = null;

export type Sound = "rising" | "falling" | "ended";

const TONES: Readonly<Record<Sound, readonly number[]>> = {
  rising: [660, 880],
  falling: [880, 660],
  ended: [520, 520],
};

/** Two short tones; none before the click or key that the browser demands. */
export function beep(sound: Sound): void {
  if (!soundAllowed()) return;
  const audio = (context ??= new AudioContext());
  TONES[sound].forEach((hertz, n) => tone(audio, hertz, n * 0.13));
}

/** Whether the page has had the click or key that sounds need; true where that is not known. */
export function soundAllowed(): boolean {
  return navigator.userActivation?.hasBeenActive ?? true;
}

function tone(audio: AudioContext, hertz: number, delay_s: number): void {
  const at = audio.currentTime + delay_s;
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0.12, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.12);
  source.connect(volume).connect(audio.destination);
  source.start(at);
  source.stop(at + 0.13);
}
