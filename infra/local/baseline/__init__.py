"""The release from which every later one has to be deployable in place."""
