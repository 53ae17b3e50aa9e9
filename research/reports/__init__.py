"""Reports people look at: one self-contained page, nothing fetched, nothing run.

| module | what it holds |
|---|---|
| `page` | `write_report`: the whole page |
| `sections`, `lists` | its parts |
| `timelines`, `charts`, `candles` | its pictures |
| `plot` | scales, ticks and axes |
| `markup` | elements; whatever is not markup is escaped |
| `formatting` | numbers, times and verdicts formatted for the page |
"""
