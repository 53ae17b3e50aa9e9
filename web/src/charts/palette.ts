/** The theme's colours and font, resolved: a canvas has no custom properties. */

const NAMES = {
  text: "--text",
  muted: "--muted",
  line: "--line",
  tp: "--tp",
  sl: "--sl",
  open: "--open",
  accent: "--accent",
  accentEnd: "--accent-end",
  warn: "--warn",
  recording: "--recording",
  expired: "--expired",
  tpSoft: "--tp-soft",
  slSoft: "--sl-soft",
} as const;

export type Colour = keyof typeof NAMES;
export type Palette = Readonly<Record<Colour | "font", string>>;

/** The custom property of a colour, for style sheets and elements. */
export function property(colour: Colour): string {
  return `var(${NAMES[colour]})`;
}

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
