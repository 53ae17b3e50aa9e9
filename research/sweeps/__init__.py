"""Many policies over many symbols and periods, on this machine's cores or on many machines.

| module | what it holds |
|---|---|
| `sweep` | what people call: `sweep`, and `Session` for several |
| `search` | `search`: Optuna in place of a grid |
| `grid` | the policies of a grid: a base, and values to try |
| `ranges` | what a search chooses from |
| `tasks` | one policy, symbol and period through a backtest of its own |
| `two_stages` | the same for many that share a fold |
| `batches` | tasks of one symbol and period together |
| `results` | finished tasks in Parquet parts: an interrupted sweep resumes |
| `ranking` | the best of what was tried, and what is left of it when that is known |
| `command` | the sweep of the command line |
"""
