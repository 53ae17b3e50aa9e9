"""Many policies over many symbols and periods, on this machine's cores or on many machines.

| module | what it holds |
|---|---|
| `sweep` | what people call: `sweep` |
| `grid` | the policies of a grid: a base, and values to try |
| `tasks` | one policy, symbol and period through the compiled backtest |
| `results` | finished tasks in Parquet parts: an interrupted sweep resumes |
| `ranking` | the best of what was tried, and what is left of it when that is known |
| `command` | the sweep of the command line |
"""
