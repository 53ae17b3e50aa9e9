"""`signalengine evidence`: the written protocol for the question whether there is an edge."""
