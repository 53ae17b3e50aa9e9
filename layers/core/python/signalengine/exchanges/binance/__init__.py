"""Binance USD-M futures: payloads, fields and the universe of contracts."""
