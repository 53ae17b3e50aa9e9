"""A trial of `send_channels` against the stand-ins, fault by fault, in virtual time.

`python -m infra.local.chaos.channels` prints the transcript of every channel, and `--write` writes
it into docs/channel-faults.md. The function is the deployed one on the AWS account in memory, and
the stand-ins are servers on loopback that the deployed clients send real requests to.

| module | what it holds |
|---|---|
| `stand_ins` | the servers, and the clients with a note of each attempt |
| `faults` | which faults each channel has |
| `play` | one fault: signals, attempts in virtual time, and what became of them |
| `page` | the transcript as text and as the document |
"""
