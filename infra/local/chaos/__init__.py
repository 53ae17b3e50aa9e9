"""Faults in everything behind the stream: the promise of delivery, tried again and again.

| room | what it holds |
|---|---|
| `model` | the real functions on an AWS account in memory, in schedules that a seed makes |
| `stack` | the deployed stack on this machine, while days of a market are played through it |
"""
