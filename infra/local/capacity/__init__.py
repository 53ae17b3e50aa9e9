"""What to expect of AWS: the latency of each hop, and which limit comes first.

| module | what it holds |
|---|---|
| `hops` | how long each hop of a bar takes, each number with its source; the sum by simulation |
| `limits` | what each limit allows, and how much of it a stack uses |
| `groups` | a simulation: several shards append to the logs of the same groups |
| `chats` | a simulation: messages wait for the rate that Telegram accepts |
| `pages` | the tables of docs/latency.md and docs/capacity.md |

Pure but for the pages. `python -m infra.local.capacity` writes these.
"""
