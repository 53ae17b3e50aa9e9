"""The catalogue of a data folder: what is there, and whether it holds together.

| module | what it holds |
|---|---|
| `contents` | what one file holds: symbols, span, rows |
| `index` | that of every file, read again only when the file has changed |
| `entries` | the catalogue: by symbol, kind, interval and source |
| `checks` | gaps, repairs, coverage and tick sizes of a symbol |
| `agreement` | sources and intervals compared with each other |
"""
