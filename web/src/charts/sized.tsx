/** A chart drawn at the real width of its place. */

import type { ComponentChildren } from "preact";

import { useWidth } from "../browser/width";

interface Props {
  /** Px. */
  height: number;
  /** A place that is narrower, px, has no room for a drawing. */
  least: number;
  children: (width: number) => ComponentChildren;
}

export function Sized({ height, least, children }: Props) {
  const [ref, width] = useWidth();
  return (
    <div ref={ref} class="chart" style={{ height: `${height}px` }}>
      {width > least && children(width)}
    </div>
  );
}
