/** The theme's colours as a canvas can use them: resolved, for it knows no custom properties. */

const NAMES = {
  muted: "--muted",
  line: "--line",
  tp: "--tp",
  sl: "--sl",
  open: "--open",
  tpSoft: "--tp-soft",
  slSoft: "--sl-soft",
} as const;

export type Palette = Readonly<Record<keyof typeof NAMES, string>>;

/** Read the colours of an element's theme. */
export function palette(element: HTMLElement): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return window.getComputedStyle(probe).color;
  };
  const pairs = Object.entries(NAMES).map(([key, name]) => [key, read(name)]);
  probe.remove();
  return Object.fromEntries(pairs) as Palette;
}
