"""The promise of delivery under faults: the real functions on an AWS account in memory.

One process, no sockets, no waiting: a seed decides what runs next, where it is stopped, what comes
again and which instances interleave. What is left is compared with an undisturbed run.

| module | what it holds |
|---|---|
| `services` | DynamoDB, queues, topic, sockets and Telegram in memory; faults and fibers |
| `processes` | the real handlers, in warm instances |
| `market` | a small market in which much happens, and its policy |
| `schedule` | the steps, and how a seed makes them |
| `world` | streams, queues and schedules: what invokes which function with what |
| `invariants` | what has to hold, meanwhile and at the end |
| `directed` | schedules made by hand, for what a seed meets too rarely |
| `bench`, `run` | one schedule, and many |
| `mutations` | conditions and orders taken away: the schedules have to notice |
| `minimise` | a failing schedule, shortened and as a test |
"""
