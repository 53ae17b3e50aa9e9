"""The `signalengine` command line."""
