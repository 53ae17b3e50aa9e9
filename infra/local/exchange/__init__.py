"""The local exchange: a loopback server that implements Binance USD-M's protocol.

| folder or module | contents |
|---|---|
| `market` | instruments, bars, price paths; a market from recordings or from a seed; event time |
| `protocol` | stream names, payloads, subscriptions, query parameters, request budgets |
| `faults` | injected faults: the schedule, and their effect on messages |
| `playback` | the market's state as of now; the order and pace of publication |
| `endpoints` | WebSocket, REST, and `/_local/...` for the operator |
| `server`, `options`, `__main__` | the process |

The protocol code is independent of the engine's parsers and follows Binance's documentation only.
Recordings are read with `research.data`.
"""
