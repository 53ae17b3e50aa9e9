"""REST: warm-up history, missed bars and open interest."""
