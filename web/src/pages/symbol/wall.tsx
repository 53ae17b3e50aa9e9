/** The charts of the starred symbols beside each other. */

import { useMemo } from "preact/hooks";

import type { Bar, Interval } from "../../api/bars";
import { INTERVALS } from "../../api/bars";
import type { Listed } from "../../api/market";
import { CandleChart } from "../../charts/candle_chart";
import { overlayLines } from "../../charts/overlay_lines";
import type { Scene } from "../../charts/scene";
import { signalLevels, signalMarks } from "../../charts/signal_scene";
import { Card, Nothing } from "../../components/card";
import { Choice } from "../../components/choice";
import { SymbolLink } from "../../components/symbol_link";
import { useChart } from "../../state/chart_data";
import { useForming } from "../../state/forming";
import { t } from "../../text/catalogue";
import { known, price } from "../../values/format";
import type { PageProps } from "../props";

/** So many are drawn: the first with a star. */
const MOST = 6;
const BARS = 120;
const NONE: readonly Bar[] = [];
const OVERLAYS = ["ema"] as const;

interface Props extends PageProps {
  followed: Listed;
}

export function Wall(props: Props) {
  const { preferences, followed } = props;
  const starred = preferences.starredSymbols.filter((one) => followed.symbols.includes(one));
  if (starred.length === 0) return <Nothing>{t("symbol.noneStarred")}</Nothing>;
  return (
    <>
      <div class="over-chart">
        <Choice
          name={t("detail.barLength")}
          value={preferences.interval}
          options={INTERVALS}
          onChange={(chosen) => preferences.set("interval", chosen)}
        />
      </div>
      <div class="wall">
        {starred.slice(0, MOST).map((symbol) => (
          <Small key={symbol} {...props} symbol={symbol} interval={preferences.interval} />
        ))}
      </div>
    </>
  );
}

type SmallProps = Props & { symbol: string; interval: Interval };

function Small({ symbol, interval, live, state, rows, followed, preferences, now }: SmallProps) {
  const wanted = { symbol, interval, overlays: OVERLAYS, page: BARS };
  const { chart, error } = useChart(live.client, wanted, now);
  const last = state.quotes.prices.get(symbol) ?? null;
  const bars = useForming(chart?.bars ?? NONE, NONE, interval, last, state.quotes.time);
  const { zone } = preferences;
  const tick = followed.ticks.get(symbol) ?? null;
  const own = useMemo(() => rows.filter((row) => row.symbol === symbol), [rows, symbol]);
  const scene = useMemo<Scene>(
    () => ({
      symbol,
      interval,
      bars,
      tick,
      zone,
      levels: signalLevels(own.filter((row) => row.status === "open").slice(0, 1)),
      marks: own.flatMap((signal) => signalMarks(signal, bars, interval)),
      lines: chart === null ? [] : overlayLines(chart, OVERLAYS, chart.bars),
      scores: [],
      live: true,
    }),
    [chart, bars, own, zone],
  );
  return (
    <Card
      title={symbol}
      aside={
        <>
          <span class="numeric">{known(last, (value) => price(value, tick))}</span>{" "}
          <SymbolLink symbol={symbol} sign />
        </>
      }
    >
      {error !== null && <p class="warning">{error}</p>}
      {bars.length > 0 ? (
        <CandleChart
          scene={scene}
          label={t("symbol.chartOf", { symbol })}
          theme={preferences.theme}
          small
        />
      ) : (
        <p class="candles small waiting muted">
          {chart === null ? t("detail.loadingBars") : t("symbol.noBars", { interval })}
        </p>
      )}
    </Card>
  );
}
