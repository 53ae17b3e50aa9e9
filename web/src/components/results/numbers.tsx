/** The summary in tiles; ratios are withheld for few signals. */

import type { Summary } from "../../api/performance";
import { Card, Tile, Tiles, tone } from "../card";
import { t } from "../../text/catalogue";
import { known, percent, plain, score } from "../../values/format";
import { ENOUGH } from "./enough";

export function Numbers({ summary, n }: { summary: Summary; n: number }) {
  const withheld = n < ENOUGH ? t("performance.withheld", { enough: ENOUGH, has: n }) : undefined;
  const { win_rate_low: low, win_rate_high: high } = summary;
  return (
    <Card title={t("performance.summary")} class="full">
      <Tiles of="eight">
        <Tile
          name={t("performance.win_rate")}
          term="win-rate"
          value={known(summary.win_rate, score)}
          note={
            low === null || high === null
              ? ""
              : t("performance.interval", { low: score(low), high: score(high) })
          }
        />
        <Tile
          name={t("performance.mean_return")}
          term="net-return"
          value={known(summary.avg_return, percent)}
          tone={tone(summary.avg_return)}
          note={t("performance.gross", { gross: known(summary.avg_gross, percent) })}
        />
        <Tile
          name={t("performance.profit_factor")}
          term="profit-factor"
          value={known(summary.profit_factor, plain)}
          note={
            summary.profit_factor === null
              ? (withheld ?? t("performance.no_loss"))
              : t("performance.gains_over_losses")
          }
        />
        <Tile
          name={t("performance.expectancy")}
          term="expectancy"
          value={known(summary.expectancy_r, (r) => `${plain(r)} R`)}
          note={t("performance.r_is")}
        />
        <Tile
          name={t("performance.max_drawdown")}
          term="drawdown"
          value={known(summary.max_drawdown, (pct) => percent(-Math.abs(pct)))}
          note={t("performance.of_the_sum")}
        />
        <Tile
          name={t("performance.best")}
          value={known(summary.best, percent)}
          note={t("performance.worst_is", { worst: known(summary.worst, percent) })}
        />
        <Ratio
          name={t("performance.sharpe")}
          term="sharpe-ratio"
          value={summary.sharpe_ratio}
          withheld={withheld}
        />
        <Ratio
          name={t("performance.sortino")}
          term="sortino-ratio"
          value={summary.sortino_ratio}
          withheld={withheld}
        />
      </Tiles>
    </Card>
  );
}

interface RatioProps {
  name: string;
  /** Its anchor in the glossary. */
  term: string;
  value: number | null;
  withheld: string | undefined;
}

function Ratio({ name, term, value, withheld }: RatioProps) {
  return (
    <Tile
      name={name}
      term={term}
      value={known(value, plain)}
      note={withheld ?? t("performance.of_days")}
    />
  );
}
