/** All followed symbols, the starred ones first: price, change, scores, a small line. */

import type { Listed } from "../../api/market";
import { fetchTop, type Ranked } from "../../api/market";
import { Sparkline } from "../../charts/sparkline";
import { Card } from "../../components/card";
import { Star } from "../../components/star";
import { SymbolLink } from "../../components/symbol_link";
import { symbolStar } from "../../state/preferences";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { known, percent, price, score } from "../../values/format";
import type { PageProps } from "../props";
import { Change } from "./change";
import { changeOf, useDay } from "./day";

const EVERY_MS = 30_000;
/** The API ranks at most so many. */
const MOST_RANKED = 200;
/** Of more symbols only those with a star have a line: each takes a request. */
const MOST_LINES = 40;

interface Props extends PageProps {
  followed: Listed;
}

export function Watchlist(props: Props) {
  const { live, preferences, followed } = props;
  const top = useResource(
    "ranked",
    (cancel) => fetchTop(live.client, MOST_RANKED, cancel),
    EVERY_MS,
  );
  const ranked = new Map((top.value ?? []).map((one) => [one.symbol, one]));
  const { starredSymbols } = preferences;
  const symbols = ordered(followed.symbols, starredSymbols);
  return (
    <Card title={t("symbol.watchlist")}>
      <div class="scrolled" tabIndex={0} role="region" aria-label={t("symbol.watchlist")}>
        <table class="plain watchlist">
          <thead>
            <tr>
              <th scope="col">
                <span class="unseen">{t("symbol.starSymbol")}</span>
              </th>
              <th scope="col">{t("signals.symbol")}</th>
              <th scope="col" class="numeric">
                {t("symbol.price")}
              </th>
              <th scope="col">{t("symbol.change")}</th>
              <th scope="col" class="numeric">
                {t("symbol.longScore")}
              </th>
              <th scope="col" class="numeric">
                {t("symbol.shortScore")}
              </th>
              <th scope="col" class="spare">
                {t("symbol.line")}
              </th>
            </tr>
          </thead>
          <tbody>
            {symbols.map((symbol) => (
              <Row
                key={symbol}
                {...props}
                symbol={symbol}
                ranked={ranked.get(symbol) ?? null}
                lined={symbols.length <= MOST_LINES || starredSymbols.includes(symbol)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** The starred symbols first, each part in the order of the feed. */
export function ordered(symbols: readonly string[], starred: readonly string[]): readonly string[] {
  const first = symbols.filter((one) => starred.includes(one));
  return [...first, ...symbols.filter((one) => !starred.includes(one))];
}

interface RowProps extends Props {
  symbol: string;
  ranked: Ranked | null;
  /** It has a line of its last day. */
  lined: boolean;
}

function Row({ symbol, ranked, lined, followed, live, state, preferences, now }: RowProps) {
  const last = state.quotes.prices.get(symbol) ?? ranked?.price ?? null;
  const tick = followed.ticks.get(symbol) ?? null;
  const [starred, toggle] = symbolStar(preferences, symbol);
  const day = useDay(live.client, symbol, now, lined);
  const change = day.value === null ? null : changeOf(day.value, last);
  const closes = (day.value ?? []).map((bar) => bar.close);
  const line = last === null ? closes : [...closes, last];
  return (
    <tr>
      <td>
        <Star of={symbol} on={starred} onToggle={toggle} />
      </td>
      <th scope="row">
        <SymbolLink symbol={symbol} />
        {ranked?.warm === false && <span class="tag">{t("overview.warming")}</span>}
      </th>
      <td class="numeric">{known(last, (value) => price(value, tick))}</td>
      <td>
        <Change change={change} zone={preferences.zone} />
      </td>
      <td class="numeric">{known(ranked?.long_score ?? null, score)}</td>
      <td class="numeric">{known(ranked?.short_score ?? null, score)}</td>
      <td class="spare">
        <Sparkline
          values={line}
          label={t("symbol.lineOf", {
            symbol,
            change: change === null ? "–" : percent(change.percent),
          })}
        />
      </td>
    </tr>
  );
}
