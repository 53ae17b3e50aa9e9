/** A share with its 95 % interval on a line from 0 to 1. */

interface Props {
  value: number;
  low: number | null;
  high: number | null;
}

export function Whisker({ value, low, high }: Props) {
  const place = (share: number) => `${Math.min(1, Math.max(0, share)) * 100}%`;
  const [from, to] = [low ?? value, high ?? value];
  return (
    <span class="whisker" aria-hidden="true">
      <span class="reach" style={{ left: place(from), width: place(to - from) }} />
      <span class="value" style={{ left: place(value) }} />
    </span>
  );
}
