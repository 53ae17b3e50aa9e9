"""How fast the engine is, beside its peers: `make bench`.

| module | what it holds |
|---|---|
| `__main__` | the command: measures all tables, prints them, writes `.local/bench.json` |
| `tables` | what is measured beside what, and the aims |
| `measuring` | one process a contender, rounds A B C A B C, medians |
| `child` | the process of a contender |
| `environment` | `.bench`, where the peers are installed |
| `market`, `frames` | the bars they all read, and the stream frames made of them |
| `month` | seven symbols cut from those bars, and the sets of a sweep |
| `ours_*` | the engine's contenders, in this environment |
| `peers` | the peers' contenders, in `.bench`: they import nothing of the engine |
"""
