"""What every function needs: configuration, clients, clock, errors, logging, secrets."""
