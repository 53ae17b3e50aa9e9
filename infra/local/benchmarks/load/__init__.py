"""The ingest task under the load of a whole market: `python -m infra.local.benchmarks.load`.

| module | what it holds |
|---|---|
| `market` | 500 symbols that say as much as real ones, at the wall's pace, and answer REST |
| `measuring` | the task as a process of its own: CPU, memory, lag from the socket to the stream |
| `__main__` | the command; `make bench TABLES=load` runs it, too |
"""
