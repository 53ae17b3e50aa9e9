"""Faults in the deployed stack on this machine: a seeded plan, a proxy, and the reckoning.

plan.py        what is injected at which minute of the market, chosen by a seed
call_faults.py the faults of calls to AWS that wait for a call to meet them
proxy.py       the proxy between functions or ingest task and the embedded AWS
wiring.py      makes the deployed functions and the ingest task call through the proxy
workers.py     the processes that run the functions, and how one is killed
clients.py     WebSocket clients that drop and resume
conductor.py   injects the plan while the market plays, and measures each recovery
evidence.py    reads what was stored, published and delivered
reckoning.py   compares it with the backtest of the same bars: the findings and the report
"""
