"""What has to hold: while a schedule runs, and of what it leaves.

| module | what it holds |
|---|---|
| `watch` | at every write, publication and send, and after every undisturbed run |
| `outcomes` | at the end, against an undisturbed run and a recount |
| `decisions` | decisions with protections, decided again from what was certain |
| `folded` | bars and states, whatever entries they came in |
| `deliveries` | the messages of Telegram |
| `arrivals` | what reaches the WebSocket clients, before anything heals it |
| `audiences` | the WebSocket clients, and the published status |
| `items` | reading items of the tables |
"""
