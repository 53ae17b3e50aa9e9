"""The peers' contenders: they run in environments of `.bench` and import nothing of the engine.

| module | what it holds |
|---|---|
| `backtest` | backtests of one symbol: vectorbt, backtesting.py, nautilus_trader |
| `fold` | indicators, one bar at a time: talipp, TA-Lib, nautilus_trader |
| `frames` | parsers of the feed: cryptofeed, python-binance |
| `sweep_freqtrade`, `freqtrade_rule` | freqtrade's hyperopt, and the strategy file that it loads |
| `sweep_jesse` | Jesse's research function |
| `sweep_vectorbt` | vectorbt with the parameters broadcast |
| `local_exchange` | the exchange of this project, which freqtrade reads its markets from |
"""
