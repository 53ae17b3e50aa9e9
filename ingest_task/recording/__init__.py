"""From stream messages to facts: routing, bar assembly, sampling, publishing."""
