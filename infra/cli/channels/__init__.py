"""`signalengine channel`: the destinations of a stack."""
