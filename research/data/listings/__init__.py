"""Which symbols traded when, as far as stored lists of contracts can say.

| module | what it holds |
|---|---|
| `snapshots` | the exchange's list of contracts (`exchangeInfo`): fetched, stored, read |
| `history` | listings and delistings from several of them: `universe_at` |
| `survivorship` | what a set of symbols lacks of those that traded |
"""
