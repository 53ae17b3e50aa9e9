"""Recorded markets: downloaded, checked, and read into tables of bars.

| module | what it holds |
|---|---|
| `loader` | public: `bulk_download_klines`, `..._open_interest`, `..._funding`, `load`, … |
| `recordings` | the recordings of a folder, looked through once |
| `bars`, `series` | `BarTable`, and the side data of the bars: `Steps`, `Liquidations` |
| `repairs`, `rows` | what may be repaired in rows, and what may not |
| `holdings`, `tables`, `files` | the files of a folder, their columns, and the meaning of these |
| `stream_archive` | our own archive of facts |
| `mapping` | other people's files in a declared layout |
| `binance` | Binance's archive and its REST history |
| `listings` | which symbols traded when |
| `catalogue` | what a folder holds, and whether it holds together |
| `download`, `progress`, `times`, `errors` | downloads, progress, times, the tree of errors |
"""
