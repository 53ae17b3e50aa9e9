"""Faults in the deployed stack on this machine: a seeded plan, a proxy, and the reckoning.

plan.py        what is injected at which minute of the market, chosen by a seed
call_faults.py the faults of calls to AWS that wait for a call to meet them
proxy.py       the proxy between functions or ingest task and the embedded AWS
workers.py     the processes that run the functions, and how one is killed
conductor.py   injects the plan while the market plays, and measures each recovery
quiescence.py  when a disturbed run is over: nothing is left, and nothing is on its way
evidence.py    reads what was stored, published and delivered
expected.py    what the backtest of the same bars has
reckoning.py   compares both: the findings and the report
"""
