"""The engine's features over recorded markets, as frames.

| module | what it holds |
|---|---|
| `builder` | the public class: `FeatureBuilder` |
| `snapshots` | the snapshot of every close, or of some, in one compiled loop |
"""
