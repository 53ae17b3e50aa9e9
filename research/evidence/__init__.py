"""A written protocol for the question whether a strategy has an edge.

| module | what it holds |
|---|---|
| `registration` | what is decided before anything is measured, frozen in a file with its digest |
| `looks` | the file beside the data that remembers every registration and look, as a hash chain |
| `integrity` | what that file says about a registration, in sentences |
| `tried` | how many parameter sets were tried, by sweeps and by looks |
| `phases` | the signals of one span, purged at its end, and what they show |
| `groups` | the same signals by period, year, symbol, side and rank of volume |
| `protocol` | what people call: `register`, `examine` |
| `verdict` | *shown*, *suggestive* or *no edge shown*, and why; *not valid* after another look |
| `result` | the verdict of a final look as a file, with the chain that it rests on |
"""
