"""Binance's protocol: streams, payloads, parameters, subscriptions, rate limits."""
