"""Commands that run the engine over recordings: backtest, sweep, audit."""
