"""Every feature of the engine, and every indicator of the library, against a reference.

The references share no code with them; the bars are recorded.

    python -m research.conformance FOLDER [SYMBOL …] [--into docs/indicators.md]

| module | what it holds |
|---|---|
| `market` | the bars, the longer bars made by pandas, and what stands beside them |
| `references` | the features of an interval: TA-Lib, or its definition over all the bars |
| `profiles` | the volume profile among them |
| `context` | the symbol-wide features, by their definitions |
| `library`, `library_references` | the same for the library of indicators |
| `measure` | the largest difference of each feature |
"""
