/** The theme's colours and font, resolved: a canvas has no custom properties. */

const NAMES = {
  muted: "--muted",
  line: "--line",
  tp: "--tp",
  sl: "--sl",
  open: "--open",
  tpSoft: "--tp-soft",
  slSoft: "--sl-soft",
} as const;

export type Palette = Readonly<Record<keyof typeof NAMES | "font", string>>;

/** Read the palette of an element's theme. */
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
  const font = window.getComputedStyle(element).fontFamily;
  return Object.fromEntries([...pairs, ["font", font]]) as Palette;
}
