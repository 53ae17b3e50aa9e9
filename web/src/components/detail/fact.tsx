/** A name with its value, and a time in full. */

import type { ComponentChildren } from "preact";

import { moment, zoneOffset, type Zone } from "../../format";

export function Fact({ name, value }: { name: string; value: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Date, second and zone: `2025-05-19 14:32:07 UTC+2`. */
export function at(ms: number, zone: Zone): string {
  const { date, second } = moment(ms, zone);
  return `${date} ${second} ${zoneOffset(zone, ms)}`;
}
