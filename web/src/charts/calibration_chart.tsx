/** Win rate by score: points with their intervals, the rate of all, and the line score = rate. */

import type { Bucket } from "../api/performance";
import { t } from "../text/catalogue";
import { score, share, whole } from "../values/format";
import { linear } from "./scale";
import { Sized } from "./sized";
import { ValueAxis } from "./value_axis";

interface Props {
  buckets: readonly Bucket[];
  /** The win rate of all. */
  rate: number;
  /** Buckets with fewer signals are drawn faint. */
  enough: number;
  summary: string;
  height?: number;
}

const LEFT = 48;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 38;

export function CalibrationChart({ height = 260, ...props }: Props) {
  return (
    <Sized height={height} least={LEFT + RIGHT}>
      {(width) => <Drawing {...props} width={width} height={height} />}
    </Sized>
  );
}

type DrawingProps = Props & { width: number; height: number };

function Drawing({ buckets, rate, enough, summary, width, height }: DrawingProps) {
  const [from, to] = [buckets[0]?.from ?? 0, buckets.at(-1)?.to ?? 1];
  const x = linear(from, to, LEFT, width - RIGHT);
  const y = linear(0, 1, height - BOTTOM, TOP);
  const right = width - RIGHT;
  return (
    <svg width={width} height={height} role="img" aria-label={summary}>
      <ValueAxis y={y} left={LEFT} right={right} text={(tick) => share(tick)} />
      <line class="diagonal" x1={x(from)} x2={x(to)} y1={y(from)} y2={y(to)} />
      <line class="base" x1={LEFT} x2={right} y1={y(rate)} y2={y(rate)} />
      {buckets.map((bucket) => {
        const at = x((bucket.from + bucket.to) / 2);
        const faint = bucket.n < enough ? "faint" : "";
        return (
          <g key={bucket.from} class={`bucket ${faint}`}>
            <line x1={at} x2={at} y1={y(bucket.win_rate_low)} y2={y(bucket.win_rate_high)} />
            <circle cx={at} cy={y(bucket.win_rate)} r="4" />
            <text class="mark" x={at} y={height - BOTTOM + 15} text-anchor="middle">
              {share(bucket.from)}
            </text>
            <text class="mark" x={at} y={height - BOTTOM + 30} text-anchor="middle">
              {whole(bucket.n)}
            </text>
            <rect class="hit" x={at - 12} width={24} y={TOP} height={height - TOP - BOTTOM}>
              <title>{bucketText(bucket)}</title>
            </rect>
          </g>
        );
      })}
      <text class="mark halo" x={x(to)} y={y(to) - 5} text-anchor="end">
        {t("performance.diagonal")}
      </text>
      <text class="mark halo" x={LEFT + 4} y={y(rate) - 5}>
        {t("performance.base_rate", { rate: score(rate) })}
      </text>
      <text class="mark" x={LEFT - 6} y={height - BOTTOM + 30} text-anchor="end">
        N
      </text>
    </svg>
  );
}

/** A bucket in one line. */
export function bucketText(bucket: Bucket): string {
  return t("performance.bucket", {
    from: score(bucket.from),
    to: score(bucket.to),
    rate: score(bucket.win_rate),
    low: score(bucket.win_rate_low),
    high: score(bucket.win_rate_high),
    count: whole(bucket.n),
  });
}
