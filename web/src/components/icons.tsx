/** The icons, in the colour of the text and hidden from screen readers. */

const PATHS = {
  open: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Z",
  tp_hit: "M3 8.5 6.5 12 13 4.5",
  sl_hit: "M4 4l8 8M12 4l-8 8",
  expired: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3.2l2 1.3",
  left: "M9.5 3H4v10h5.5M7 8h6.5M11 5.5 13.5 8 11 10.5",
  up: "M8 13V3.5M4 7.5l4-4 4 4",
  down: "M8 3v9.5M4 8.5l4 4 4-4",
  copy: "M5.5 5.5V2.5h8v8h-3M2.5 5.5h8v8h-8Z",
  close: "M4 4l8 8M12 4l-8 8",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13",
  moon: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.6",
  pulse: "M1 8.5h3l2-5 3 9 2-4h4",
  home: "M2 7.5 8 2.5l6 5M3.5 6.5V13.5h9V6.5M6.5 13.5v-4h3v4",
  chart: "M2 13.5h12M2.5 10 6 6.5l2.5 2L13.5 3M10.5 3h3v3",
  gauge: "M2.2 12a6.5 6.5 0 1 1 11.6 0M8 9.5l3-3.5M8 9.5h.01",
  chat: "M2 3h12v8H7l-3 2.5V11H2Z",
  layers: "M8 2 14 5.5 8 9 2 5.5ZM2 8.5 8 12l6-3.5M2 11.5 8 15l6-3.5",
  sliders: "M2 4.5h7M12.5 4.5H14M9 2.5v4M2 11.5h1.5M7 11.5h7M7 9.5v4",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14",
  bell: "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8ZM6.8 14h2.4",
  candles: "M4.5 2v12M2.8 5h3.4v6H2.8ZM11.5 2v12M9.8 4h3.4v5.5H9.8Z",
  send: "M2 8h11M8.5 3.5 13 8l-4.5 4.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
