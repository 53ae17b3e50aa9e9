"""The fault bench: the real ingest task, a real day, and everything that may go wrong with it.

| module | what it holds |
|---|---|
| `scenarios` | what goes wrong, one row of the table each |
| `stream` | a Kinesis that keeps what it took, and fails on command |
| `run` | one replay: the exchange, the ingest task and the stream, to the end of its span |
| `seen` | what a replay left behind: facts, the task's own words, which moment was when |
| `evaluate` | lost and wrong, against the exchange's own bars and the undisturbed replay |
| `deciding`, `noticing` | what the engine makes of both; when the task saw what was wrong |
| `likeness` | what counts as the same |
| `bench` | all of them, several at a time; the report |
| `fuzz` | 100,000 broken frames and answers |
"""
