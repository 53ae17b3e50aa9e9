"""SignalEngine core: pure rules, no clock, no environment, no I/O."""

__version__ = "4.0.0"
