"""Commands that run the system on this machine: up, replay, faults."""
