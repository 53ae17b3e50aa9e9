"""The kinds of data that are fetched, and their sources, each with its description."""

KINDS = {
    "klines": "bars, of --intervals",
    "funding": "funding rates paid",
    "open-interest": "open interest, every 5 minutes",
    "exchange-info": "the list of contracts as it is now, stored with its date",
}
SOURCES = {"archive": "data.binance.vision", "rest": "the exchange's REST interface"}
