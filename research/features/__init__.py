"""The engine's features over recorded markets, as frames.

| module | what it holds |
|---|---|
| `builder` | what people call: `FeatureBuilder` |
| `snapshots` | the snapshot of every close, or of some, in one compiled loop |
"""
