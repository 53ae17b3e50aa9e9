"""Recorded markets: downloaded, checked, and read into tables of bars.

| module | what it holds |
|---|---|
| `loader` | public: `bulk_download_klines`, `..._open_interest`, `..._funding`, `load` |
| `bars`, `series` | `BarTable`, and the side data of the bars: `Steps`, `Liquidations` |
| `repairs`, `rows` | what may be repaired in rows, and what may not |
| `holdings`, `tables`, `files` | the files of a folder, their columns, and the meaning of these |
| `stream_archive` | our own archive of facts |
| `vision`, `rest` | Binance's archive, and its REST history |
| `client`, `budget`, `download` | requests with retries, within the rate limits, into whole files |
| `licence`, `progress`, `times`, `errors` | terms, progress, times, the tree of errors |
"""
