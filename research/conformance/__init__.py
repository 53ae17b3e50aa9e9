"""Every feature of the engine against a reference that shares no code with it, on recorded bars.

    python -m research.conformance FOLDER [SYMBOL …] [--into docs/indicators.md]

| module | what it holds |
|---|---|
| `market` | the bars, the longer bars made by pandas, and what stands beside them |
| `references` | the features of an interval: TA-Lib, or its definition over all the bars |
| `profiles` | the volume profile among them |
| `context` | the symbol-wide features, by their definitions |
| `measure` | the largest difference of each feature |
"""
