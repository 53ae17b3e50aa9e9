"""What the use cases share about parameter sets."""
