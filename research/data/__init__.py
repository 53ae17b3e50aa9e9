"""Recorded markets: brought to this disk, checked, and read into tables of bars.

| module | what it holds |
|---|---|
| `loader` | what people call: `bulk_download_klines`, `..._open_interest`, `..._funding`, `load` |
| `bars`, `series` | `BarTable`, and what is known beside the bars: `Steps`, `Liquidations` |
| `repairs`, `rows` | what may be put right in rows, and what may not |
| `holdings`, `tables`, `files` | which files a folder holds, their columns, what these mean |
| `stream_archive` | our own archive of facts |
| `vision`, `rest` | Binance's archive, and its REST history |
| `client`, `budget`, `download` | asking with patience, inside the limits, into whole files |
| `licence`, `progress`, `times`, `errors` | terms, progress, times, the tree of errors |
"""
