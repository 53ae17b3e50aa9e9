"""The local exchange: a server on loopback that speaks Binance USD-M's own protocol.

| module | what it holds |
|---|---|
| `instruments` | tick sizes, number texts, `exchangeInfo` entries |
| `bars` | closed bars, and the longer bars made of them |
| `path` | how the price moved inside a minute |
| `source` | what every market behind the exchange must answer |
| `recording` | a market played from files, which `research.data` reads |
| `simulation`, `climate`, `past` | a market made from a seed |
| `tape` | what has happened so far: all that REST may know |
| `clock`, `player`, `announcer` | event time, and the order in which things are told |
| `streams`, `payloads`, `hub`, `controls`, `sockets` | the WebSocket side |
| `rest`, `parameters`, `budget` | the REST side |
| `strangers` | contracts it lists beside those it plays, for clients to leave out |
| `faults`, `disturbance` | bad days on command: what is due to whom, and what it does to messages |
| `control`, `ledger` | `/_local/...`, for the people who run it |
| `server`, `options`, `__main__` | the process |

What it says shares no code with the engine: it is checked against Binance's documentation only.
Recordings are read by the one reader there is, that of research.
"""
