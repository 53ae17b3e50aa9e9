"""What the stack costs on AWS: a model of counted things and dated prices. Pure; AWS is not asked.

`prices` what a unit costs, `standing` what costs by the hour, `usage` what is counted, `model` how
many units a counted thing takes, `bill` the sum by service, `story` how it is told, `metering`
what is counted on the heartbeat.
"""
