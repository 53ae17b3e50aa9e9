"""The cost of the stack on AWS: a model of counted things and dated prices. Pure; no AWS calls.

`prices` of a unit, `fixed_costs` by the hour, `usage` what is counted, `model` the units of a
counted thing, `bill` the sum by service, `report` the estimate as the API shows it, `metering` the
counts on the heartbeat.
"""
