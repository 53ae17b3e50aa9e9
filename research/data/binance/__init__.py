"""What is fetched from Binance: its archive of files, its REST history, and the list of contracts.

| module | what it holds |
|---|---|
| `vision`, `rest` | the archive (data.binance.vision), and the REST history |
| `downloads`, `sources` | series of symbols from one of both: planned, estimated, fetched |
| `client`, `budget` | requests with retries, within the rate limits |
| `licence` | the terms of the archive |
"""
