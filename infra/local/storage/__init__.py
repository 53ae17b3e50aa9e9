"""The data directory of a system on one machine: what the embedded AWS keeps over a restart."""
