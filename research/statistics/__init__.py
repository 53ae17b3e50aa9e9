"""Statistics of closed signals, with their uncertainty.

| module | what it holds |
|---|---|
| `trades` | the closed signals of one policy and market in columns, and the days they cover |
| `blocks` | how many days are drawn together |
| `marking` | returns by day of signals that are open for more than one |
| `ratios` | equity, drawdown, Sharpe, Sortino, Calmar, profit factor of plain arrays |
| `intervals` | day-block bootstrap and Wilson's interval |
| `summary` | all of it for one set of signals, each number with its N, interval or refusal |
| `tables` | the same by symbol, event kind, hour, direction, score |
| `entries` | what an entry at every minute would have become under the policy's exits |
| `significance` | are these entries better than shifted or random ones? |
| `deflation` | ... and better than the best of the many that were tried? |
| `conclusion` | the honest sentence |
"""
