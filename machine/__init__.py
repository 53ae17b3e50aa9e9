"""What every program here does to its machine: writes files, uses folders, prints to terminals.

The standard library only, so that any part may import it.
"""
