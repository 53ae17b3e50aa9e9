/** The pages of a symbol on other sites. */

export interface Venue {
  readonly name: string;
  readonly url: string;
}

/** The perpetual of a symbol on the exchange, and its chart. */
export function venues(symbol: string): readonly Venue[] {
  const name = encodeURIComponent(symbol);
  return [
    { name: "Binance", url: `https://www.binance.com/en/futures/${name}` },
    { name: "TradingView", url: `https://www.tradingview.com/chart/?symbol=BINANCE:${name}.P` },
  ];
}
