"""The market behind the exchange: instruments, bars, and where prices come from."""
