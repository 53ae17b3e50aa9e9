"""Other people's files: a mapping declares their layout, and they are read by it.

| module | what it holds |
|---|---|
| `declared` | the mapping file (TOML or JSON) as checked layouts |
| `contents` | CSV, feather, Parquet and SQLite as columns |
| `times` | their times, as ms of UTC |
| `parts` | the rows of one symbol: bars, steps, liquidations |
"""
