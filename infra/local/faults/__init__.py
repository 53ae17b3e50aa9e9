"""The fault bench: the real ingest task, a real day, and injected faults.

| module | what it holds |
|---|---|
| `scenarios` | the faults injected, one row of the table each |
| `stream` | a Kinesis stream that stores its records, and fails on command |
| `run`, `tasks` | one replay: the exchange, the ingest tasks and the stream |
| `observations` | what a replay produced: facts, log lines, the clocks, the exchange's bars |
| `evaluation` | lost and wrong bars, against the exchange's bars and the undisturbed replay |
| `decisions`, `detection` | the engine's decisions on both; when the task detected the fault |
| `equality` | which differences count |
| `bench` | all scenarios, several at a time; the report |
| `fuzz`, `mutation` | 100,000 broken frames and answers |
"""
