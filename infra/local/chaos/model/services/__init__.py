"""The services that the functions call, in memory, and what goes wrong with a call.

| module | what it holds |
|---|---|
| `expressions`, `dynamodb` | DynamoDB: expressions, tables, indexes, streams, transactions |
| `stream` | the Kinesis stream |
| `account` | the account: queues, topic, WebSocket clients, and the clients of the adapters |
| `outside`, `telegram`, `receivers` | services outside of AWS at their HTTP boundary |
| `faults` | what can go wrong with a call, and what its caller then sees |
| `fibers` | interleaving: one thing runs at a time, and a seed decides which |
"""
