"""The ingest task under the load of a whole market: `python -m infra.local.benchmarks.load`.

| module | what it holds |
|---|---|
| `market` | 500 symbols with the message rates of real ones, in real time, and REST answers |
| `measuring` | the task in its own process: CPU, memory, lag from the socket to the stream |
| `__main__` | the command; `make bench TABLES=load` runs it, too |
"""
