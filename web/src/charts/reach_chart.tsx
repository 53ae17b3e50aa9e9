/** The best against the worst that each signal saw, in R: winners are dots, losers crosses. */

import type { Reach } from "../api/performance";
import { t } from "../text/catalogue";
import { greatest, least } from "../values/extent";
import { multiple, percent, plain } from "../values/format";
import { linear } from "./scale";
import { Sized } from "./sized";
import { ValueAxis } from "./value_axis";

interface Props {
  points: readonly Reach[];
  /** Distance of TP in R. */
  target: number | null;
  summary: string;
  height?: number;
}

const LEFT = 52;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 36;
const ARM = 3;

export function ReachChart({ height = 280, ...props }: Props) {
  return (
    <Sized height={height} least={LEFT + RIGHT}>
      {(width) => <Drawing {...props} width={width} height={height} />}
    </Sized>
  );
}

type DrawingProps = Props & { width: number; height: number };

function Drawing({ points, target, summary, width, height }: DrawingProps) {
  const worst = Math.min(-1.2, least(points.map((point) => point.mae_r)));
  const best = Math.max((target ?? 1) * 1.1, greatest(points.map((point) => point.mfe_r)));
  const x = linear(worst, 0, LEFT, width - RIGHT, 5);
  const y = linear(0, best, height - BOTTOM, TOP);
  const [floor, right] = [height - BOTTOM, width - RIGHT];
  return (
    <svg width={width} height={height} role="img" aria-label={summary}>
      <ValueAxis y={y} left={LEFT} right={right} text={(tick) => `${plain(tick)} R`} />
      {x.ticks.map((tick) => (
        <text key={tick} class="mark" x={x(tick)} y={floor + 15} text-anchor="middle">
          {`${plain(tick)} R`}
        </text>
      ))}
      <text class="mark" x={right} y={floor + 31} text-anchor="end">
        {t("performance.worst_reach")}
      </text>
      <text class="mark" x={LEFT + 4} y={TOP - 4}>
        {t("performance.best_reach")}
      </text>
      <line class="level sl" x1={x(-1)} x2={x(-1)} y1={TOP} y2={floor} />
      {target !== null && (
        <line class="level tp" x1={LEFT} x2={right} y1={y(target)} y2={y(target)} />
      )}
      {points.map((point) => (
        <g key={point.signal_id} class={point.net_pct > 0 ? "reach-won" : "reach-lost"}>
          {point.net_pct > 0 ? (
            <circle cx={x(point.mae_r)} cy={y(point.mfe_r)} r={ARM} />
          ) : (
            <path d={cross(x(point.mae_r), y(point.mfe_r))} />
          )}
          <title>{described(point)}</title>
        </g>
      ))}
      <text class="mark halo" x={x(-1) + 4} y={floor - 5}>
        {t("performance.stop_line")}
      </text>
      {target !== null && (
        <text class="mark halo" x={right} y={y(target) - 4} text-anchor="end">
          {t("performance.target_line", { target: multiple(target) })}
        </text>
      )}
    </svg>
  );
}

function cross(x: number, y: number): string {
  return `M${x - ARM} ${y - ARM}l${2 * ARM} ${2 * ARM}m0 ${-2 * ARM}l${-2 * ARM} ${2 * ARM}`;
}

function described(point: Reach): string {
  return t("performance.reach", {
    symbol: point.symbol,
    best: multiple(point.mfe_r),
    worst: multiple(point.mae_r),
    net: percent(point.net_pct),
  });
}
