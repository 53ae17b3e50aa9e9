"""The promise of delivery under faults: the real functions on an AWS account in memory.

One process, no sockets, no waiting: a seed decides what runs next, where it is stopped, what comes
again and which instances interleave. What is left is compared with an undisturbed run.

| module | what it holds |
|---|---|
| `services` | DynamoDB, queues, topic, sockets and Telegram in memory; faults and fibers |
| `schedules` | the steps, how a seed makes them, and those made by hand |
| `invariants` | what has to hold, meanwhile and at the end |
| `invocations` | what an invocation is made of |
| `processes` | the real handlers, in warm instances |
| `market` | small markets in which much happens, and their policies |
| `clients` | the WebSocket clients, by the rules of the dashboard's feed |
| `foreign` | items that another version of the code has stored |
| `world` | streams, queues and schedules: what invokes which function with what |
| `photographs`, `rest` | where a schedule begins, and how it ends |
| `bench`, `run` | one schedule, and many |
| `mutations` | conditions and orders taken away: the schedules have to notice |
"""
