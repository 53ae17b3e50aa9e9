"""The whole system on this machine: embedded AWS, deployment, child processes."""
