"""`signalengine feed`: the addresses of a stack's feeds, with a token for each reader."""
