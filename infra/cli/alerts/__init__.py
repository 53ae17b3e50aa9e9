"""`signalengine alert`: price alerts of a stack's destinations."""
