"""Strategies of long horizon: what is lost without 1m bars, and results by year.

    python -m research.horizons compare FOLDER [--into docs/evidence.md]
    python -m research.horizons years FOLDER [--into docs/evidence.md]

| module | what it holds |
|---|---|
| `strategies` | `donchian` with shorter windows, and a crossing, for short recordings |
| `comparing` | the same strategy on 1m bars and on longer bars made of them |
| `years` | a backtest by year of entry |
"""
