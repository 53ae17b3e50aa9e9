"""Simulated markets whose truth is known: how often the statistics are right about them.

```console
python -m research.simulations coverage   # 95 % intervals of signals that overlap, a few minutes
python -m research.simulations verdicts   # verdicts on strategies with an edge and without one
```

| module | what it holds |
|---|---|
| `coverage` | intervals by blocks of one day and of `statistics.blocks` |
| `verdicts` | the protocol of `research.evidence` on bars with a planted edge and without |
"""
