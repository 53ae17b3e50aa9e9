"""A crash on many symbols: signals of one minute, through everything behind the decision.

| module | what it holds |
|---|---|
| `signals` | as many signals as wanted, of one minute, stored by the engine's own transaction |
| `system` | the stack on the embedded AWS with a local Telegram; no market, no ingest task |
| `run` | stores them, waits until nothing is left, reports |
| `model` | the same on the AWS account in memory, where time is computed |
| `comparison` | the result: what a chat received of what was stored |
"""
